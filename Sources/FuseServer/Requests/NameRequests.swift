/// FUSE_LOOKUP: the entry of a directory.
public struct LookupRequest: Sendable {
    /// The directory.
    public let parent: NodeID
    /// The entry.
    public let name: EntryName
}

/// FUSE_MKNOD: mknod(2) of a file, FIFO, socket or device.
public struct MakeNodeRequest: Sendable {
    /// The directory.
    public let parent: NodeID
    /// The new entry.
    public let name: EntryName
    /// Type and permission bits; the caller's umask has not been applied where `.dontMask` was granted.
    public let mode: UInt32
    /// The device number, as dev_t.
    public let device: UInt64
    /// Who asks.
    public let caller: Caller
}

/// FUSE_MKDIR: mkdir(2).
public struct MakeDirectoryRequest: Sendable {
    /// The directory.
    public let parent: NodeID
    /// The new entry.
    public let name: EntryName
    /// Permission bits; the caller's umask has not been applied where `.dontMask` was granted.
    public let mode: UInt32
    /// Who asks.
    public let caller: Caller
}

/// FUSE_UNLINK and FUSE_RMDIR: unlink(2), rmdir(2).
public struct RemoveRequest: Sendable {
    /// The directory.
    public let parent: NodeID
    /// The entry.
    public let name: EntryName
    /// Who asks.
    public let caller: Caller
}

/// FUSE_SYMLINK: symlink(2).
public struct SymbolicLinkRequest: Sendable {
    /// What the link says, NUL-terminated bytes.
    public let target: EntryName
    /// The directory.
    public let parent: NodeID
    /// The new entry.
    public let name: EntryName
    /// Who asks.
    public let caller: Caller
}

/// FUSE_RENAME, FUSE_RENAME2: rename(2) and renameat2(2).
public struct RenameRequest: Sendable {
    /// The directory it leaves.
    public let parent: NodeID
    /// The entry it has.
    public let name: EntryName
    /// The directory it comes to.
    public let newParent: NodeID
    /// The entry it gets.
    public let newName: EntryName
    /// RENAME_* of renameat2(2).
    public let flags: UInt32
    /// Who asks.
    public let caller: Caller
}

/// FUSE_LINK: link(2).
public struct LinkRequest: Sendable {
    /// What gets a further name.
    public let node: NodeID
    /// The directory.
    public let newParent: NodeID
    /// The new entry.
    public let newName: EntryName
    /// Who asks.
    public let caller: Caller
}
