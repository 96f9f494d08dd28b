/// The folio orders that a filesystem's page cache can hold without a collapse.
public enum OrderCapability: Hashable, Sendable {
    /// Order 0 only.
    case none
    /// From `minimum` up to `maximum`.
    case range(minimum: FolioOrder, maximum: FolioOrder)
    /// shmem: order 0 or the PMD order, by its own `huge=` and shmem_enabled controls.
    case shmem
    /// Not known.
    case unknown
    /// Whether a folio of `order` can be in the page cache; nil: not known. For shmem: whether its controls can make it
    /// so.
    public func reaches(_ order: FolioOrder) -> Bool? {
        switch self {
        case .none: order == .zero
        case .range(let minimum, let maximum): minimum <= order && order <= maximum
        case .shmem: true
        case .unknown: nil
        }
    }
}
