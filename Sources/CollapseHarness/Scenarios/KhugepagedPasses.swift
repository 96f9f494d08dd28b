import CLinuxShims
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Waits until khugepaged has passed over the mappings of this process, by its count of full scans.
final class KhugepagedPasses {
    /// What it takes for it to come by at once: each time over everything, and not without a pause, in which every pass leaves lines of trace.
    static let settings = [
        MachineSettings.Change("khugepaged/alloc_sleep_millisecs", "0"),
        MachineSettings.Change("khugepaged/pages_to_scan", "100000000"),
        MachineSettings.Change("khugepaged/scan_sleep_millisecs", "2"),
    ]
    private static let counter: FilePath = "/sys/kernel/mm/transparent_hugepage/khugepaged/full_scans"
    /// Milliseconds after which it is not coming, where it has not come once; and for all that is waited for.
    private static let patience = (first: 500, all: 5000)

    private let companion: UnsafeMutableRawPointer
    private let length: Int

    /// Makes a mapping by which this process is among those that khugepaged looks at, whatever is mapped besides.
    init(geometry: PageGeometry) throws(Errno) {
        length = 2 * geometry.pmdSize
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let base = mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED else {
            throw Errno(rawValue: errno)
        }
        companion = base
        _ = madvise(base, length, Int32(FOLIO_MADV_HUGEPAGE))
        // Up to 6.12 a process comes to be known by its first fault in a chunk that the mapping holds whole (Linux 6.1
        // mm/huge_memory.c do_huge_pmd_anonymous_page(), 6.12 __thp_vma_allowable_orders()).
        let chunk = UnsafeMutableRawPointer(
            bitPattern: (UInt(bitPattern: base) + UInt(geometry.pmdSize) - 1) & ~(UInt(geometry.pmdSize) - 1))
        chunk?.storeBytes(of: 1, as: UInt8.self)
    }

    deinit { munmap(companion, length) }

    /// Waits until it has passed over everything `count` times from now on; the first may have begun before.
    /// - Returns: whether it has; false where it does not run.
    func wait(_ count: Int) -> Bool {
        guard let start = Self.passes else { return false }
        for elapsed in 0..<Self.patience.all {
            let now = Self.passes ?? start
            if now >= start + count { return true }
            if now == start, elapsed >= Self.patience.first { return false }
            usleep(1_000)
        }
        return false
    }

    private static var passes: Int? {
        (try? TextFile.read(counter)).flatMap { Int($0.filter(\.isNumber)) }
    }
}
