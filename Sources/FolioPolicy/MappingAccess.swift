/// What touches a mapping first.
public enum MappingAccess: String, Hashable, Sendable, CaseIterable {
    /// A load, or MADV_POPULATE_READ.
    case read
    /// A store, or MADV_POPULATE_WRITE.
    case write
}
