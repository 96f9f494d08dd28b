/// The versions for which a rule or a capability holds: from `lower` on, up to but without `upper`.
public struct KernelRange: Hashable, Sendable {
    /// The first version that is inside; nil: from the beginning.
    public let lower: KernelVersion?
    /// The first version that is outside again; nil: to this day.
    public let upper: KernelVersion?

    /// The versions from `lower` up to but without `upper`.
    public init(from lower: KernelVersion? = nil, before upper: KernelVersion? = nil) {
        self.lower = lower
        self.upper = upper
    }

    /// Every version.
    public static let all = KernelRange()

    /// Whether `version` is inside.
    public func contains(_ version: KernelVersion) -> Bool {
        if let lower, version < lower { return false }
        if let upper, version >= upper { return false }
        return true
    }
}
