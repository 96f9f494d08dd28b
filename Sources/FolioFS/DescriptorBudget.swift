import Glibc
import LinuxFacts
import SystemPackage

/// The descriptors that this process may have, and who has them.
final class DescriptorBudget: Sendable {
    /// O_PATH descriptors of inodes: a quarter.
    let paths: DescriptorCache
    /// Descriptors of files and directories that are open through the mount: half.
    let files: DescriptorCache

    /// Whether a file was ever open without a backing file in the kernel.
    let hadUnbackedOpens = LockedState(false)

    /// A budget out of `limit` descriptors.
    init(limit: Int) {
        paths = DescriptorCache(limit: limit / 4)
        files = DescriptorCache(limit: limit / 2)
    }

    /// A system call that makes a descriptor; where there are too many, some that nobody uses are closed and it is tried again.
    @inline(__always)
    func open(_ call: () -> Int32) throws(Errno) -> Int32 {
        while true {
            do throws(Errno) {
                return try systemCall(call)
            } catch {
                guard error == .tooManyOpenFiles || error == .tooManyOpenFilesInSystem,
                    paths.evict(64) + files.evict(64) > 0
                else { throw error }
            }
        }
    }
}
