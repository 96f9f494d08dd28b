/// What is known of a kernel.
public struct KernelFacts: Hashable, Sendable {
    /// The version; nil: unknown.
    public var version: KernelVersion?
    /// Configuration options by name without `CONFIG_`, true where set to y (or m); an option that is not a key is
    /// unknown.
    public var config: [String: Bool]
    /// Page and PMD sizes.
    public var geometry: PageGeometry

    /// Facts of one kernel.
    public init(version: KernelVersion?, config: [String: Bool] = [:], geometry: PageGeometry = .x86_64) {
        self.version = version
        self.config = config
        self.geometry = geometry
    }
}
