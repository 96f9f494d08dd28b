/// FUSE_GETATTR: fstat(2), stat(2).
public struct GetAttributesRequest: Sendable {
    /// The node.
    public let node: NodeID
}

/// FUSE_SETATTR: chmod(2), chown(2), truncate(2), utimensat(2), with or without an open file.
///
/// With nothing to set it is a write's: set-id bits that the caller's write clears (Linux 6.18 fs/fuse/dir.c fuse_setattr()
/// under `.handleKillPrivilege2`, read).
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

/// FUSE_SYNCFS: syncfs(2); the kernel does not send it to servers of plain FUSE (Linux 6.18 fs/fuse/inode.c fuse_sync_fs(),
/// read).
public struct SynchronizeFilesystemRequest: Sendable {
    /// The root of the mount.
    public let node: NodeID
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
    /// Whether the set-group-id bit goes: an access ACL, set by who is not in the file's group.
    public let clearsSetGroupID: Bool
    /// Who asks.
    public let caller: Caller
}

/// FUSE_LISTXATTR: listxattr(2).
public struct ListExtendedAttributesRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// Who asks.
    public let caller: Caller
}
