/// A way by which folios come into a page cache.
package enum ProbeWay: String, Hashable, Sendable, CaseIterable {
    /// One write(2) of the whole file, then a plain mapping.
    case write
    /// write(2) of 64 KiB at a time; which orders it leaves.
    case smallWrites
    /// read(2) of 128 KiB at a time, then a plain mapping.
    case read
    /// A plain mapping, touched.
    case fault
    /// A mapping under MADV_HUGEPAGE, touched.
    case advisedFault
    /// A mapping with single pages in the cache, readable and executable, then MADV_COLLAPSE.
    case collapse

    /// What a person calls it.
    package var text: String {
        switch self {
        case .write: "one write(2)"
        case .smallWrites: "write(2) of 64 KiB"
        case .read: "read(2)"
        case .fault: "fault"
        case .advisedFault: "fault under MADV_HUGEPAGE"
        case .collapse: "MADV_COLLAPSE"
        }
    }
}
