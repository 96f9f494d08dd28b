/// How huge folios are brought about on a route.
public enum Promotion: String, Hashable, Codable, Sendable, CaseIterable {
    /// madvise(MADV_COLLAPSE).
    case collapse
    /// The clean small folios are dropped and the file is faulted in again under MADV_HUGEPAGE.
    case refault
    /// Nothing is to be done.
    case none
}
