/// What may bring a folio about, or map it.
public enum Operation: String, Hashable, Sendable, CaseIterable {
    /// A page fault.
    case fault
    /// read(2) and the readahead it starts.
    case readahead
    /// write(2).
    case write
    /// madvise(MADV_POPULATE_READ).
    case populate
    /// The khugepaged thread.
    case khugepaged
    /// madvise(MADV_COLLAPSE).
    case collapse
    /// process_madvise(MADV_COLLAPSE) on another process.
    case processCollapse
}
