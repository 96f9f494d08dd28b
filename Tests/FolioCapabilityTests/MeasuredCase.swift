import FolioPolicy

@testable import FolioCapability

/// One row of a table of measurements: a situation, and what each kernel did with it.
struct MeasuredCase: Sendable, CustomStringConvertible {
    /// What a kernel did.
    enum Result: Hashable, Sendable {
        /// Every whole chunk was PMD-mapped.
        case mapped
        /// It was not; the errno of the call, nil where there is no call that returns one.
        case refused(String?)
    }

    let name: String
    var document: QueryDocument
    /// The results in the order of the kernels; nil: not measured there.
    var results: [MeasuredKernel: Result]
    /// The SCAN code where it was seen, on the kernels where it was.
    var scanReasons: [MeasuredKernel: String] = [:]

    var description: String { name }

    /// A collapse of two chunks of a clean file with small folios, mapped r-x, all touched, unless `change` says else.
    init(
        _ name: String, on filesystem: FilesystemFacts = MeasuredCase.ext4,
        by operation: FolioPolicy.Operation = .collapse,
        _ results: [MeasuredKernel: Result], scan: [MeasuredKernel: String] = [:],
        _ change: (inout QueryDocument) -> Void = { _ in }
    ) {
        self.name = name
        self.results = results
        scanReasons = scan
        document = QueryDocument(
            kernel: KernelFacts(version: nil), system: SystemFacts(enabled: .madvise, shmemEnabled: .never),
            filesystem: filesystem,
            file: FileFacts(
                size: 4 << 20, openForWrite: false, dirty: false, inodeFlags: [], compressed: false,
                cachedOrders: [.zero]),
            mapping: MappingFacts(
                address: 0x7f00_0000_0000, offset: 0, length: 4 << 20, exec: true, touched: true,
                advice: MappingAdvice.none),
            operation: operation)
        change(&document)
    }

    static let ext4 = FilesystemFacts(
        type: "ext4", mountOptions: ["data": "ordered"], superblockFeatures: ["extents", "has_journal"], blockSize: 4096
    )
    static let xfs = FilesystemFacts(type: "xfs", mountOptions: [:], blockSize: 4096)
    static let btrfs = FilesystemFacts(type: "btrfs", mountOptions: [:], blockSize: 4096)
    static let f2fs = FilesystemFacts(type: "f2fs", mountOptions: [:], blockSize: 4096)
    static let erofs = FilesystemFacts(type: "erofs", mountOptions: [:], blockSize: 4096, readOnly: true)
    static let squashfs = FilesystemFacts(type: "squashfs", mountOptions: [:], readOnly: true)
    static let overlay = FilesystemFacts(type: "overlay", mountOptions: [:], layers: [ext4])
    static let fuse = FilesystemFacts(type: "fuse.foliofs", mountOptions: [:])

    static func tmpfs(_ huge: String?) -> FilesystemFacts {
        FilesystemFacts(type: "tmpfs", mountOptions: huge.map { ["huge": $0] } ?? [:], blockSize: 4096)
    }

    static func passthrough(to layer: FilesystemFacts) -> FilesystemFacts {
        FilesystemFacts(type: "fuse.foliofs", mountOptions: [:], layers: [layer])
    }
}
