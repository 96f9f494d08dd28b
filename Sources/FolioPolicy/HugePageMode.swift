/// The value of /sys/kernel/mm/transparent_hugepage/enabled.
public enum HugePageMode: String, Hashable, Sendable, CaseIterable {
    /// Huge pages for every mapping.
    case always
    /// Huge pages where madvise(MADV_HUGEPAGE) asks.
    case madvise
    /// None by fault for anonymous memory, none by khugepaged.
    case never
}
