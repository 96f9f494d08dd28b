import Glibc
package import SystemPackage

/// Which pages of the caller's memory others have mapped as well. No privilege is needed.
package enum SharedPages {
    /// Bits of an entry of /proc/self/pagemap: the page is there; nobody else has mapped it (PM_MMAP_EXCLUSIVE).
    private static let (present, exclusive) = (UInt64(1) << 63, UInt64(1) << 56)

    /// Whether a page of `range` that the caller has mapped is mapped a second time, by whomever.
    ///
    /// - Throws: as open(2) and read(2) of /proc/self/pagemap say.
    /// - Source: Documentation/admin-guide/mm/pagemap.rst, since 4.2; Linux 6.18 fs/proc/task_mmu.c pagemap_pmd_range().
    package static func areIn(_ range: AddressRange) throws(Errno) -> Bool {
        let page = UInt64(getpagesize())
        let descriptor = try systemCall { open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        var entries = [UInt64](repeating: 0, count: Int(UInt64(range.length) / page))
        let bytes = try systemCall {
            entries.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(range.start / page * 8))
            }
        }
        return entries[..<(bytes / 8)].contains { $0 & present != 0 && $0 & exclusive == 0 }
    }
}
