import CLinuxShims
package import FolioPolicy
import Glibc
package import SystemPackage

/// Finds out by trying whether the kernel has CONFIG_READ_ONLY_THP_FOR_FS, where its configuration cannot be read.
///
/// A file of this process's own that is being executed is mapped once more, readable and executable, and its first whole
/// chunk is collapsed by MADV_COLLAPSE (6.1 to 7.1; the option is gone in 7.2). It changes nothing but the page cache.
package struct FallbackProbe {
    private let version: KernelVersion
    private let pmdSize: Int

    /// A probe of the running kernel.
    /// - Parameters:
    ///   - version: its version.
    ///   - pmdSize: bytes that one PMD maps.
    package init(version: KernelVersion, pmdSize: Int) {
        self.version = version
        self.pmdSize = pmdSize
    }

    /// Whether the kernel has the option; nil: it cannot be told here.
    ///
    /// Success says yes. EINVAL says no only where all else that leads to EINVAL is ruled out: the file is whole, clean
    /// and not open for writing, its filesystem is no shmem, and before 6.12 holds no large folios (SCAN_PAGE_COMPOUND).
    /// - Parameter filesystem: the filesystem that holds `program`.
    package func ask(_ program: FilePath, filesystem: FilesystemFacts) -> Bool? {
        let certain = [
            KernelVersion(6, 1)..<KernelVersion(6, 12): ["ext2", "ext3", "ext4", "btrfs"],
            KernelVersion(6, 12)..<KernelVersion(7, 2): ["ext2", "ext3", "ext4", "btrfs", "xfs", "erofs"],
        ]
        guard let types = certain.first(where: { $0.key.contains(version) })?.value,
            let type = filesystem.pageCacheOwner.type, types.contains(type),
            let descriptor = try? systemCall({ program.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) } })
        else { return nil }
        defer { close(descriptor) }
        let file = FileDescriptor(rawValue: descriptor)
        guard let status = try? FileStatus.read(file), status.isRegular, status.size >= pmdSize,
            status.has(.dax) != true, OpenForWrite.ask(file) == false,
            (try? systemCall { fdatasync(descriptor) }) != nil
        else { return nil }
        return collapse(descriptor)
    }

    /// Maps the first chunk at an aligned address, touches it and collapses it, a few times where it fails.
    private func collapse(_ descriptor: Int32) -> Bool? {
        guard
            let mapping = try? AlignedMapping(
                descriptor, length: pmdSize, alignment: pmdSize, protection: PROT_READ | PROT_EXEC)
        else { return nil }
        var failure = Errno(rawValue: 0)
        for _ in 0..<Self.tries {
            guard madvise(mapping.start, pmdSize, Int32(FOLIO_MADV_POPULATE_READ)) == 0 else { return nil }
            if madvise(mapping.start, pmdSize, Int32(FOLIO_MADV_COLLAPSE)) == 0 { return true }
            failure = Errno(rawValue: errno)
            guard failure == .invalidArgument || failure == .resourceTemporarilyUnavailable else { return nil }
            usleep(1000)
        }
        return failure == .invalidArgument ? false : nil
    }

    private static let tries = 3
}
