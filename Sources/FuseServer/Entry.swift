/// The answer to a lookup or a creation: a node, counted once more as known to the kernel.
public struct Entry: Sendable {
    /// The node; `nil` (node 0) is an absence that the kernel may remember for `timeout`.
    public var node: NodeID?
    /// Tells apart nodes that had the same number one after another.
    public var generation: UInt64
    /// Its attributes.
    public var attributes: Attributes
    /// Seconds that the kernel may keep the name.
    public var timeout: Double

    /// An entry from its parts; `timeout` in seconds.
    public init(node: NodeID?, generation: UInt64 = 0, attributes: Attributes, timeout: Double) {
        self.node = node
        self.generation = generation
        self.attributes = attributes
        self.timeout = timeout
    }
}
