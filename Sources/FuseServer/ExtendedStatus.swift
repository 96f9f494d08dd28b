public import Glibc

/// A node's attributes as statx(2) has them.
public struct ExtendedStatus: Sendable {
    /// What stat(2) answers, and for how long the kernel may keep it.
    public var attributes: Attributes
    /// When the file was made; nil: the filesystem does not know.
    public var birth: timespec?

    /// A status from its parts.
    public init(_ attributes: Attributes, birth: timespec?) {
        self.attributes = attributes
        self.birth = birth
    }
}
