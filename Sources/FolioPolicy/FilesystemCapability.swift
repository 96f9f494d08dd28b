/// What a filesystem can do on one kernel, for a file with given properties.
public struct FilesystemCapability: Hashable, Sendable {
    /// The filesystem type the answer is for; for a layered filesystem the layer's.
    public var filesystem: String
    /// The orders its page cache can hold.
    public var orders: OrderCapability
    /// Whether one write(2) of at least a PMD chunk leaves PMD-order folios; nil: unknown.
    public var largeFolioWrites: Bool?
    /// Whether a file of it can back FUSE passthrough; nil: unknown.
    public var passthroughBacking: Bool?
    /// Whether it places large mappings at PMD-aligned addresses by itself (thp_get_unmapped_area); nil: unknown.
    public var alignsMappings: Bool?
    /// What a write(2) to a file of it leaves behind; nil: unknown.
    public var writes: WriteBehaviour?
    /// Whether its page cache holds orders between 0 and the PMD's as well where `orders` is shmem's; nil: unknown, or
    /// the range says it.
    public var intermediateOrders: Bool?
    /// The kernel version, file and function that say so.
    public var source: String
    /// How surely the orders are known; nil: they are not.
    public var confidence: Confidence?
    /// Facts that were needed and are unknown, by their query names (`filesystem.mountOptions`).
    public var missing: [String]

    /// A capability as a plugin states it.
    public init(
        filesystem: String, orders: OrderCapability, largeFolioWrites: Bool? = nil, passthroughBacking: Bool? = nil,
        alignsMappings: Bool? = nil, writes: WriteBehaviour? = nil, intermediateOrders: Bool? = nil,
        source: String, confidence: Confidence? = nil, missing: [String] = []
    ) {
        self.filesystem = filesystem
        self.orders = orders
        self.largeFolioWrites = largeFolioWrites
        self.passthroughBacking = passthroughBacking
        self.alignsMappings = alignsMappings
        self.writes = writes
        self.intermediateOrders = intermediateOrders
        self.source = source
        self.confidence = confidence
        self.missing = missing
    }
}
