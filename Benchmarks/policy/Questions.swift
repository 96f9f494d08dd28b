import FolioCapability
import FolioPolicy

/// Questions of every kind: kernels × filesystems × operations × what the page cache holds.
enum Questions {
    static func documents() throws -> [QueryDocument] {
        var documents: [QueryDocument] = []
        let versions = [KernelVersion(6, 1), KernelVersion(6, 12), KernelVersion(6, 18), KernelVersion(7, 3)]
        let cached: [FolioOrderSet] = [[], [.zero], [FolioOrder(9)], [.zero, FolioOrder(4)]]
        for version in versions {
            for type in ["ext4", "xfs", "btrfs", "erofs", "tmpfs", "squashfs"] {
                for operation in FolioPolicy.Operation.allCases {
                    let orders = cached[documents.count % cached.count]
                    documents.append(document(version, type, operation, orders))
                }
            }
        }
        return documents
    }

    private static func document(
        _ version: KernelVersion, _ type: String, _ operation: FolioPolicy.Operation, _ cached: FolioOrderSet
    ) -> QueryDocument {
        QueryDocument(
            kernel: KernelFacts(
                version: version, config: ["READ_ONLY_THP_FOR_FS": true, "BTRFS_EXPERIMENTAL": false]),
            system: SystemFacts(enabled: .madvise, shmemEnabled: .never),
            filesystem: FilesystemFacts(
                type: type, mountOptions: type == "tmpfs" ? ["huge": "within_size"] : ["data": "ordered"],
                superblockFeatures: [], blockSize: 4096),
            file: FileFacts(
                size: 4 << 20, openForWrite: false, dirty: false, inodeFlags: [], compressed: false,
                cachedOrders: cached),
            mapping: MappingFacts(
                address: 0x7f00_0000_0000, offset: 0, length: 4 << 20, exec: true, touched: !cached.isEmpty,
                pageTableNearby: true, pmdMapped: false, advice: .hugePage), operation: operation)
    }

    /// The same of a file and a mapping of so many chunks.
    static func resized(_ query: PolicyQuery, chunks: Int) -> PolicyQuery {
        var query = query
        query.file.size = chunks * query.kernel.geometry.pmdSize
        query.mapping.length = chunks * query.kernel.geometry.pmdSize
        query.mapping.address = 1 << 46
        return query
    }

    /// The same with facts that are not known.
    static func poorer(_ query: PolicyQuery) -> PolicyQuery {
        var query = query
        query.mapping.advice = nil
        query.file.cachedOrders = nil
        query.file.dirty = nil
        return query
    }
}
