/// FUSE_OPEN, FUSE_OPENDIR: open(2), opendir(3), execve(2).
public struct OpenRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// O_* of open(2); O_CREAT, O_EXCL and O_NOCTTY never, O_TRUNC only where `.atomicTruncate` was granted.
    public let flags: Int32
    /// Whether O_TRUNC clears set-id bits and file capabilities.
    public let killsPrivileges: Bool
    /// Who asks.
    public let caller: Caller

    /// Whether execve(2) opens it (`__FMODE_EXEC`, Linux include/linux/fs.h).
    public var isExecute: Bool { flags & 0x20 != 0 }
}

/// FUSE_CREATE: open(2) with O_CREAT of a name that was not there.
public struct CreateRequest: Sendable {
    /// The directory.
    public let parent: NodeID
    /// The new entry.
    public let name: EntryName
    /// Permission bits; the caller's umask has not been applied where `.dontMask` was granted.
    public let mode: UInt32
    /// O_* of open(2).
    public let flags: Int32
    /// Whether O_TRUNC, of a name that came about meanwhile, clears set-id bits and file capabilities.
    public let killsPrivileges: Bool
    /// Who asks.
    public let caller: Caller
}

/// FUSE_TMPFILE: open(2) with O_TMPFILE (Linux 6.6).
public struct TemporaryFileRequest: Sendable {
    /// The directory beneath which the file has no name.
    public let directory: NodeID
    /// Permission bits; the caller's umask has not been applied where `.dontMask` was granted.
    public let mode: UInt32
    /// O_* of open(2). With O_EXCL it never gets a name.
    public let flags: Int32
    /// Who asks.
    public let caller: Caller
}

/// FUSE_READ: read(2).
public struct ReadRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// The first byte.
    public let offset: Int64
    /// O_* of the open file as they are now.
    public let flags: Int32
}

/// FUSE_WRITE: write(2).
public struct WriteRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// The first byte; the end of the file as the kernel knows it, where O_APPEND is set.
    public let offset: Int64
    /// O_* of the open file as they are now.
    public let flags: Int32
    /// Whether it is written from the page cache, for whoever dirtied it.
    public let fromPageCache: Bool
    /// Whether set-id bits and file capabilities go, as the caller's own write would clear them.
    public let killsPrivileges: Bool
    /// Who asks.
    public let caller: Caller
}

/// FUSE_FLUSH: one close(2) of a descriptor.
public struct FlushRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// Whose POSIX locks end.
    public let lockOwner: UInt64
}

/// FUSE_RELEASE, FUSE_RELEASEDIR: the last descriptor and the last mapping are gone.
public struct ReleaseRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// O_* of the open file.
    public let flags: Int32
    /// Whose flock(2) ends; nil: none was held.
    public let lockOwner: UInt64?
}

/// FUSE_FSYNC, FUSE_FSYNCDIR: fsync(2), fdatasync(2).
public struct SynchronizeRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// Whether data is enough.
    public let dataOnly: Bool
}

/// FUSE_READDIR, FUSE_READDIRPLUS: getdents64(2).
public struct ReadDirectoryRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open directory.
    public let handle: HandleID
    /// Where to go on: 0, or the `next` of an entry.
    public let offset: Int64
}

/// FUSE_FALLOCATE: fallocate(2).
public struct AllocateRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// FALLOC_FL_*.
    public let mode: Int32
    /// The first byte.
    public let offset: Int64
    /// Bytes.
    public let length: Int64
}

/// FUSE_COPY_FILE_RANGE, FUSE_COPY_FILE_RANGE_64: copy_file_range(2).
public struct CopyRangeRequest: Sendable {
    /// The file read.
    public let input: (node: NodeID, handle: HandleID, offset: Int64)
    /// The file written.
    public let output: (node: NodeID, handle: HandleID, offset: Int64)
    /// Bytes.
    public let length: Int
    /// Flags; 0 today.
    public let flags: Int32
}

/// FUSE_LSEEK: lseek(2) with SEEK_DATA or SEEK_HOLE.
public struct SeekRequest: Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// From where.
    public let offset: Int64
    /// SEEK_DATA or SEEK_HOLE.
    public let whence: Int32
}

/// FUSE_IOCTL: ioctl(2), its argument sized by the command.
public struct ControlRequest: @unchecked Sendable {
    /// The node.
    public let node: NodeID
    /// The open file.
    public let handle: HandleID
    /// The command.
    public let command: UInt32
    /// The argument's bytes, for commands that write; empty otherwise.
    public let input: UnsafeRawBufferPointer
    /// How many bytes may be answered.
    public let outputSize: Int
    /// Who asks.
    public let caller: Caller
}
