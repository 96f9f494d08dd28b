public import Glibc
public import SystemPackage

/// What a filesystem does not implement answers ENOSYS.
extension Filesystem {
    /// Does nothing.
    public func initialize(_ grant: Grant) {}
    /// Does nothing.
    public func drain() {}
    /// Does nothing.
    public func destroy() {}
    /// Throws ENOSYS.
    public func createTemporary(
        _ request: TemporaryFileRequest
    ) throws(Errno) -> (entry: Entry, open: OpenReply) { throw .noFunction }
    /// Throws ENOSYS.
    public func getExtendedStatus(_ request: GetAttributesRequest) throws(Errno) -> ExtendedStatus { throw .noFunction }
    /// Throws ENOSYS.
    public func synchronizeFilesystem(_ request: SynchronizeFilesystemRequest) throws(Errno) { throw .noFunction }
    /// Does nothing.
    public func forget(_ node: NodeID, count: UInt64) {}
    /// Throws ENOSYS.
    public func setAttributes(_ request: SetAttributesRequest) throws(Errno) -> Attributes { throw .noFunction }
    /// Throws ENOSYS.
    public func readLink(_ request: ReadLinkRequest) throws(Errno) -> [UInt8] { throw .noFunction }
    /// Throws ENOSYS.
    public func makeNode(_ request: MakeNodeRequest) throws(Errno) -> Entry { throw .noFunction }
    /// Throws ENOSYS.
    public func makeDirectory(_ request: MakeDirectoryRequest) throws(Errno) -> Entry { throw .noFunction }
    /// Throws ENOSYS.
    public func unlink(_ request: RemoveRequest) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func removeDirectory(_ request: RemoveRequest) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func makeSymbolicLink(_ request: SymbolicLinkRequest) throws(Errno) -> Entry { throw .noFunction }
    /// Throws ENOSYS.
    public func rename(_ request: RenameRequest) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func link(_ request: LinkRequest) throws(Errno) -> Entry { throw .noFunction }
    /// Throws ENOSYS.
    public func open(_ request: OpenRequest) throws(Errno) -> OpenReply { throw .noFunction }
    /// Throws ENOSYS.
    public func create(_ request: CreateRequest) throws(Errno) -> (entry: Entry, open: OpenReply) { throw .noFunction }
    /// Throws ENOSYS.
    public func read(
        _ request: ReadRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int { throw .noFunction }
    /// Throws ENOSYS.
    public func write(
        _ request: WriteRequest, _ data: UnsafeRawBufferPointer
    ) throws(Errno) -> Int { throw .noFunction }
    /// Throws ENOSYS.
    public func flush(_ request: FlushRequest) throws(Errno) { throw .noFunction }
    /// Does nothing.
    public func release(_ request: ReleaseRequest) {}
    /// Throws ENOSYS.
    public func synchronize(_ request: SynchronizeRequest) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func openDirectory(_ request: OpenRequest) throws(Errno) -> OpenReply { throw .noFunction }
    /// Throws ENOSYS.
    public func readDirectory(
        _ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer
    ) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func readDirectoryPlus(
        _ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer
    ) throws(Errno) { throw .noFunction }
    /// Does nothing.
    public func releaseDirectory(_ request: ReleaseRequest) {}
    /// Throws ENOSYS.
    public func synchronizeDirectory(_ request: SynchronizeRequest) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func statistics(_ request: StatisticsRequest) throws(Errno) -> FilesystemStatistics { throw .noFunction }
    /// Throws ENOSYS.
    public func setExtendedAttribute(
        _ request: SetExtendedAttributeRequest, _ value: UnsafeRawBufferPointer
    ) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func getExtendedAttribute(
        _ request: ExtendedAttributeRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int { throw .noFunction }
    /// Throws ENOSYS.
    public func listExtendedAttributes(
        _ request: ListExtendedAttributesRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int { throw .noFunction }
    /// Throws ENOSYS.
    public func removeExtendedAttribute(_ request: ExtendedAttributeRequest) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func access(_ request: AccessRequest) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func getLock(_ request: GetLockRequest) throws(Errno) -> Lock? { throw .noFunction }
    /// Answers ENOSYS.
    public func setLock(_ request: SetLockRequest, _ reply: consuming Reply) { reply.fail(.noFunction) }
    /// Answers ENOSYS.
    public func setFileLock(_ request: FileLockRequest, _ reply: consuming Reply) { reply.fail(.noFunction) }
    /// Throws ENOSYS.
    public func allocate(_ request: AllocateRequest) throws(Errno) { throw .noFunction }
    /// Throws ENOSYS.
    public func copyRange(_ request: CopyRangeRequest) throws(Errno) -> Int { throw .noFunction }
    /// Throws ENOSYS.
    public func seek(_ request: SeekRequest) throws(Errno) -> Int64 { throw .noFunction }
    /// Throws ENOTTY: no command is known.
    public func control(
        _ request: ControlRequest, into output: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> (result: Int32, count: Int) { throw Errno(rawValue: ENOTTY) }
}
