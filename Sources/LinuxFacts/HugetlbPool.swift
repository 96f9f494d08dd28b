import SystemPackage

/// The pool that hugetlbfs takes its pages of one size from: /sys/kernel/mm/hugepages/hugepages-SIZEkB.
///
/// Source: Linux Documentation/admin-guide/mm/hugetlbpage.rst.
package struct HugetlbPool: Hashable, Sendable {
    /// Pages that are free, and not promised to a mapping.
    package let free: Int
    /// Pages that the kernel may still make on demand.
    package let growth: Int

    /// Pages that can be had.
    package var available: Int { free + growth }

    /// The pool for pages of `pageSize` bytes; nil: there is none.
    package static func read(pageSize: Int) -> HugetlbPool? {
        let folder = FilePath("/sys/kernel/mm/hugepages/hugepages-\(pageSize >> 10)kB")
        func count(_ name: String) -> Int? {
            (try? TextFile.read(folder.appending(name))).flatMap { Int($0.filter(\.isNumber)) }
        }
        guard let free = count("free_hugepages"), let promised = count("resv_hugepages") else { return nil }
        let growth = (count("nr_overcommit_hugepages") ?? 0) - (count("surplus_hugepages") ?? 0)
        return HugetlbPool(free: max(0, free - promised), growth: max(0, growth))
    }
}
