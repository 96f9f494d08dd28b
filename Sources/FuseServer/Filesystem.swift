public import SystemPackage

/// A filesystem: one method for each operation of the kernel's FUSE protocol.
///
/// Methods run on several threads at once. A thrown errno is the answer. A method that is not implemented throws
/// `.noFunction` (ENOSYS), after which the kernel stops asking for most operations and does what its documentation here
/// says. An `Entry` that is returned counts the node as looked up once more, until `forget` takes the count back.
public protocol Filesystem: AnyObject, Sendable {
    /// FUSE_INIT: the mount begins; before any other method.
    func initialize(_ grant: Grant)
    /// No further request comes. What is not yet answered must be answered now, what is not yet written be written.
    func drain()
    /// The mount has ended; after every other method.
    func destroy()
    /// FUSE_LOOKUP: finds the entry of a directory.
    func lookup(_ request: LookupRequest) throws(Errno) -> Entry
    /// FUSE_FORGET, FUSE_BATCH_FORGET: the kernel gives back `count` lookups of `node`.
    func forget(_ node: NodeID, count: UInt64)
    /// FUSE_GETATTR: stat(2).
    func getAttributes(_ request: GetAttributesRequest) throws(Errno) -> Attributes
    /// FUSE_STATX: statx(2) that asks for more than FUSE_GETATTR tells. Not implemented: FUSE_GETATTR.
    func getExtendedStatus(_ request: GetAttributesRequest) throws(Errno) -> ExtendedStatus
    /// FUSE_SETATTR: chmod(2), chown(2), truncate(2), utimensat(2).
    func setAttributes(_ request: SetAttributesRequest) throws(Errno) -> Attributes
    /// FUSE_READLINK: what a symbolic link says.
    func readLink(_ request: ReadLinkRequest) throws(Errno) -> [UInt8]
    /// FUSE_MKNOD: makes a file, FIFO, socket or device.
    func makeNode(_ request: MakeNodeRequest) throws(Errno) -> Entry
    /// FUSE_MKDIR: makes a directory.
    func makeDirectory(_ request: MakeDirectoryRequest) throws(Errno) -> Entry
    /// FUSE_UNLINK: removes a name of something that is not a directory.
    func unlink(_ request: RemoveRequest) throws(Errno)
    /// FUSE_RMDIR: removes an empty directory.
    func removeDirectory(_ request: RemoveRequest) throws(Errno)
    /// FUSE_SYMLINK: makes a symbolic link.
    func makeSymbolicLink(_ request: SymbolicLinkRequest) throws(Errno) -> Entry
    /// FUSE_RENAME, FUSE_RENAME2: renames, exchanges, leaves a whiteout.
    func rename(_ request: RenameRequest) throws(Errno)
    /// FUSE_LINK: gives a node a further name.
    func link(_ request: LinkRequest) throws(Errno) -> Entry
    /// FUSE_OPEN: opens a file. Not implemented: opens succeed without asking.
    func open(_ request: OpenRequest) throws(Errno) -> OpenReply
    /// FUSE_CREATE: makes a file and opens it. Not implemented: FUSE_MKNOD, then FUSE_OPEN.
    func create(_ request: CreateRequest) throws(Errno) -> (entry: Entry, open: OpenReply)
    /// FUSE_TMPFILE: makes a file without a name and opens it. Not implemented: EOPNOTSUPP without asking.
    func createTemporary(_ request: TemporaryFileRequest) throws(Errno) -> (entry: Entry, open: OpenReply)
    /// FUSE_READ: fills `buffer` from its start; less than all only at the end of the file.
    /// - Returns: bytes filled.
    func read(_ request: ReadRequest, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int
    /// FUSE_WRITE: writes `data`.
    /// - Returns: bytes written.
    func write(_ request: WriteRequest, _ data: UnsafeRawBufferPointer) throws(Errno) -> Int
    /// FUSE_FLUSH: a close(2). Not implemented: closes succeed without asking.
    func flush(_ request: FlushRequest) throws(Errno)
    /// FUSE_RELEASE: the last descriptor and mapping are gone.
    func release(_ request: ReleaseRequest)
    /// FUSE_FSYNC: fsync(2), fdatasync(2). Not implemented: they succeed without asking.
    func synchronize(_ request: SynchronizeRequest) throws(Errno)
    /// FUSE_OPENDIR: opens a directory. Not implemented: opens succeed without asking.
    func openDirectory(_ request: OpenRequest) throws(Errno) -> OpenReply
    /// FUSE_READDIR: adds entries to `buffer` until it is full; none: the end.
    func readDirectory(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno)
    /// FUSE_READDIRPLUS: adds entries with attributes to `buffer` until it is full; none: the end.
    func readDirectoryPlus(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno)
    /// FUSE_RELEASEDIR: the last descriptor is gone.
    func releaseDirectory(_ request: ReleaseRequest)
    /// FUSE_FSYNCDIR: fsync(2) of a directory. Not implemented: it succeeds without asking.
    func synchronizeDirectory(_ request: SynchronizeRequest) throws(Errno)
    /// FUSE_SYNCFS: syncfs(2). Not implemented: it succeeds without asking.
    func synchronizeFilesystem(_ request: SynchronizeFilesystemRequest) throws(Errno)
    /// FUSE_STATFS: statfs(2).
    func statistics(_ request: StatisticsRequest) throws(Errno) -> FilesystemStatistics
    /// FUSE_SETXATTR: setxattr(2). Not implemented: EOPNOTSUPP without asking.
    func setExtendedAttribute(_ request: SetExtendedAttributeRequest, _ value: UnsafeRawBufferPointer) throws(Errno)
    /// FUSE_GETXATTR: fills `buffer`; an empty buffer asks for the size alone.
    /// - Returns: the value's size in bytes.
    /// - Throws: ERANGE where the buffer, not empty, is too small.
    func getExtendedAttribute(
        _ request: ExtendedAttributeRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int
    /// FUSE_LISTXATTR: fills `buffer` with NUL-terminated names; an empty buffer asks for the size alone.
    /// - Returns: the list's size in bytes.
    /// - Throws: ERANGE where the buffer, not empty, is too small.
    func listExtendedAttributes(
        _ request: ListExtendedAttributesRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int
    /// FUSE_REMOVEXATTR: removexattr(2).
    func removeExtendedAttribute(_ request: ExtendedAttributeRequest) throws(Errno)
    /// FUSE_ACCESS: access(2), where `default_permissions` is not set. Not implemented: it succeeds without asking.
    func access(_ request: AccessRequest) throws(Errno)
    /// FUSE_GETLK: the lock that stands in the way; nil: none. Locks stay in the kernel where `.posixLocks` was not granted.
    func getLock(_ request: GetLockRequest) throws(Errno) -> Lock?
    /// FUSE_SETLK, FUSE_SETLKW: takes or gives up a POSIX lock. One that waits is answered later, from another thread.
    func setLock(_ request: SetLockRequest, _ reply: consuming Reply)
    /// FUSE_SETLK of flock(2). One that waits is answered later, from another thread.
    func setFileLock(_ request: FileLockRequest, _ reply: consuming Reply)
    /// FUSE_FALLOCATE: fallocate(2). Not implemented: EOPNOTSUPP without asking.
    func allocate(_ request: AllocateRequest) throws(Errno)
    /// FUSE_COPY_FILE_RANGE, FUSE_COPY_FILE_RANGE_64: copies within the mount. Not implemented: the kernel reads and writes.
    /// - Returns: bytes copied.
    func copyRange(_ request: CopyRangeRequest) throws(Errno) -> Int
    /// FUSE_LSEEK: SEEK_DATA and SEEK_HOLE. Not implemented: the file is all data.
    func seek(_ request: SeekRequest) throws(Errno) -> Int64
    /// FUSE_IOCTL: ioctl(2); `output` is filled from its start.
    /// - Returns: ioctl's result and the bytes filled.
    func control(
        _ request: ControlRequest, into output: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> (result: Int32, count: Int)
}
