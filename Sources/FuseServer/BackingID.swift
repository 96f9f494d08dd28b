/// The kernel's number for a file registered to back passthrough opens of this mount.
///
/// Source: Linux 6.9 fs/fuse/passthrough.c fuse_backing_open().
public struct BackingID: RawRepresentable, Hashable, Sendable {
    /// The number; above 0.
    public let rawValue: Int32

    /// A backing from the kernel's number.
    public init(rawValue: Int32) { self.rawValue = rawValue }
}
