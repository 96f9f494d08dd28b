/// One system call, or a short fixed series of them, as a value: everything that decides what it does.
struct Operation {
    /// What is called. Which of the fields a kind reads is said beside it; all the others are ignored.
    enum Kind: UInt8, CaseIterable {
        /// open(2): path, flags, mode, into slot; without a name, by O_TMPFILE.
        case open, openUnnamed
        /// close(2): slot.
        case close
        /// dup(2): slot, into otherSlot.
        case duplicate
        /// read(2), write(2): slot, length, seed.
        case read, write
        /// pread(2), pwrite(2): slot, offset, length, seed.
        case readAt, writeAt
        /// preadv(2), pwritev(2) of three pieces: slot, offset, length, seed.
        case readVector, writeVector
        /// lseek(2): slot, offset, flags is whence, SEEK_HOLE and SEEK_DATA included.
        case seek
        /// truncate(2): path, offset. ftruncate(2): slot, offset.
        case truncate, truncateHandle
        /// fallocate(2): slot, flags is the mode, offset, length.
        case allocate
        /// copy_file_range(2): slot at offset, otherSlot at third, length.
        case copyRange
        /// mmap(2): slot, offset, length, into otherSlot; flags: 1 writable, 2 shared, 4 executable.
        case map
        /// Reading, storing into, msync(2) and munmap(2) of the mapping otherSlot: offset, length, seed; flags of msync.
        case load, store, synchronizeMap, unmap
        /// fsync(2), fdatasync(2), syncfs(2), sync_file_range-like flushing of a directory: slot, flags 0, 1, 2.
        case synchronize
        /// renameat2(2): path, otherPath, flags.
        case rename
        /// linkat(2): path, otherPath, flags.
        case link
        /// linkat(2) of /proc/self/fd/slot: otherPath.
        case linkHandle
        /// symlink(2): value is the target, path.
        case makeLink
        /// readlink(2), unlink(2), rmdir(2): path.
        case readLink, unlink, removeDirectory
        /// mkdir(2): path, mode. mknod(2): path, mode, offset is the device.
        case makeDirectory, makeNode
        /// chmod(2): path, mode. fchmod(2): slot, mode.
        case changeMode, changeModeHandle
        /// fchownat(2): path, offset is the user, length the group, flags. fchown(2): slot.
        case changeOwner, changeOwnerHandle
        /// utimensat(2): path, offset and length are atime's, third and fourth mtime's seconds and nanoseconds, flags.
        /// futimens(3): slot.
        case setTimes, setTimesHandle
        /// setxattr(2) and kin: path (flags: 0x100 does not follow links) or, where slot is not -1, the handle; name,
        /// value, mode is XATTR_CREATE or XATTR_REPLACE.
        case setAttribute, getAttribute, listAttributes, removeAttribute
        /// flock(2): slot, flags.
        case lockFile
        /// F_SETLK, F_GETLK and their open file description kin: slot, mode is the type, offset, length.
        case setLock, getLock
        /// Every entry of a directory: path. With positions: telldir(3), seekdir(3) to the one numbered offset.
        case list, listFromMiddle
        /// A directory stream that stays open in otherSlot: path; length entries; the position numbered offset.
        case openStream, readStream, seekStream, closeStream
        /// fstatat(2): path, flags. fstat(2) and F_GETFL: slot. statvfs(3): path. faccessat(2): path, mode.
        case status, statusHandle, statistics, access
        /// execve(2) of path in a child.
        case execute
        /// umask(2): mode.
        case setMask
        /// `foliofs promote` of path, where the world is a mount.
        case promote
        /// The whole tree, read through the world and, where it is a mount, from its source.
        case compareTree
    }

    var kind: Kind
    /// The process that does it, an index into `WorkerIdentity.all`.
    var worker = 0
    var path = Name.none
    var otherPath = Name.none
    /// An index into the worker's descriptors; -1: none.
    var slot = -1
    var otherSlot = -1
    var flags: Int32 = 0
    var mode: UInt32 = 0
    var offset: Int = 0
    var length: Int = 0
    var third: Int = 0
    var fourth: Int = 0
    /// Decides the bytes that are written.
    var seed: UInt64 = 0
    /// An extended attribute's name.
    var name = Name.none
    var value: [UInt8] = []
    /// Whether what it concerns is looked at before and after.
    var observes = true

    init(_ kind: Kind) { self.kind = kind }
}
