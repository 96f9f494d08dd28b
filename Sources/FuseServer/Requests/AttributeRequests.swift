/// FUSE_GETATTR: fstat(2), stat(2).
public struct GetAttributesRequest: Sendable {
    /// The node.
    public let node: NodeID
}

/// FUSE_SETATTR: chmod(2), chown(2), truncate(2), utimensat(2), with or without an open file.
public struct SetAttributesRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The new values; their timeout has no meaning.
    public let values: Attributes
    /// Which of the values are to be set.
    public let which: SettableAttributes
    /// The open file it was asked on.
    public let handle: HandleID?
    /// Who asks.
    public let caller: Caller
}

/// FUSE_READLINK: readlink(2).
public struct ReadLinkRequest: Sendable {
    /// The symbolic link.
    public let node: NodeID
}

/// FUSE_ACCESS: access(2) where the kernel does not check permissions itself.
public struct AccessRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// R_OK, W_OK, X_OK or F_OK.
    public let mask: Int32
    /// Who asks.
    public let caller: Caller
}

/// FUSE_STATFS: statfs(2).
public struct StatisticsRequest: Sendable {
    /// A node of the mount.
    public let node: NodeID
}

/// FUSE_GETXATTR, FUSE_REMOVEXATTR: getxattr(2), removexattr(2).
public struct ExtendedAttributeRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The attribute with its namespace, NUL-terminated.
    public let name: EntryName
    /// Who asks.
    public let caller: Caller
}

/// FUSE_SETXATTR: setxattr(2).
public struct SetExtendedAttributeRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The attribute with its namespace, NUL-terminated.
    public let name: EntryName
    /// XATTR_CREATE, XATTR_REPLACE or 0.
    public let flags: Int32
    /// Who asks.
    public let caller: Caller
}

/// FUSE_LISTXATTR: listxattr(2).
public struct ListExtendedAttributesRequest: Sendable {
    /// The node.
    public let node: NodeID
}
