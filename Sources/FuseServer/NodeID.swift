/// The number by which the kernel names an inode of this mount; the filesystem chooses it in `Entry`.
public struct NodeID: RawRepresentable, Hashable, Sendable {
    /// The number; never 0.
    public let rawValue: UInt64

    /// A node from the kernel's number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// FUSE_ROOT_ID: the root of the mount, which is never looked up.
    public static let root = NodeID(rawValue: 1)
}
