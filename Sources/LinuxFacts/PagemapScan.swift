import CLinuxShims
import Glibc
package import SystemPackage

/// PAGEMAP_SCAN, ioctl(2) on /proc/PID/pagemap: which addresses are mapped, and which of them by a PMD; no root needed
/// for one's own process.
///
/// Source: Linux 6.7 fs/proc/task_mmu.c do_pagemap_scan(); Documentation/admin-guide/mm/pagemap.rst.
package enum PagemapScan {
    /// Neighbouring addresses that are mapped alike.
    package struct Region: Hashable, Sendable {
        /// The addresses.
        package var range: AddressRange
        /// PAGE_IS_HUGE: mapped by a PMD.
        package var huge: Bool
        /// PAGE_IS_FILE: page cache, not anonymous memory.
        package var file: Bool

        /// A region from its parts.
        package init(range: AddressRange, huge: Bool, file: Bool) {
            (self.range, self.huge, self.file) = (range, huge, file)
        }
    }

    /// The mapped parts (PAGE_IS_PRESENT) of `range` in a process; nil: the caller's.
    /// - Throws: ENOTTY before Linux 6.7; EACCES or EPERM for a process that the caller may not trace.
    package static func read(_ range: AddressRange, process: Int32? = nil) throws(Errno) -> [Region] {
        let path = "/proc/\(process.map(String.init) ?? "self")/pagemap"
        let descriptor = try systemCall { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        var regions: [Region] = []
        var buffer = [folio_page_region](repeating: folio_page_region(), count: 256)
        var next = range.start
        while next < range.end {
            var walked: UInt64 = 0
            let count = try systemCall {
                folio_pagemap_scan(
                    descriptor, next, range.end, UInt64(FOLIO_PAGE_IS_PRESENT),
                    UInt64(FOLIO_PAGE_IS_HUGE | FOLIO_PAGE_IS_FILE), &buffer, buffer.count, &walked)
            }
            for region in buffer[..<count] {
                regions.append(
                    Region(
                        range: AddressRange(region.start, region.end),
                        huge: region.categories & UInt64(FOLIO_PAGE_IS_HUGE) != 0,
                        file: region.categories & UInt64(FOLIO_PAGE_IS_FILE) != 0))
            }
            guard walked > next else { break }
            next = walked
        }
        return regions
    }

    /// Bytes of `range` mapped by PMDs in a process; nil: the caller's.
    /// - Throws: as `read(_:process:)`.
    package static func pmdMappedBytes(_ range: AddressRange, process: Int32? = nil) throws(Errno) -> Int {
        try read(range, process: process).reduce(0) { $0 + ($1.huge ? $1.range.length : 0) }
    }
}
