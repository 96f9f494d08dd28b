/// What madvise(2) has said of a mapping.
public enum MappingAdvice: String, Hashable, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// MADV_HUGEPAGE (VM_HUGEPAGE).
    case hugePage = "hugepage"
    /// MADV_NOHUGEPAGE (VM_NOHUGEPAGE).
    case noHugePage = "nohugepage"
}
