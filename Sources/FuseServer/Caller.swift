import CFuse3

/// Who asks: the ids of the calling thread as the kernel saw them.
public struct Caller: @unchecked Sendable {
    /// The file system user id.
    public let user: UInt32
    /// The file system group id.
    public let group: UInt32
    /// The thread's id; 0 where it is not in the server's pid namespace.
    public let process: Int32
    /// The umask; meaningful for requests that create.
    public let mask: UInt32
    private let request: OpaquePointer?

    /// Reads the context of a request that is being handled.
    init(_ request: OpaquePointer?) {
        let context = fuse_req_ctx(request)
        user = context?.pointee.uid ?? 0
        group = context?.pointee.gid ?? 0
        process = context?.pointee.pid ?? 0
        mask = context?.pointee.umask ?? 0
        self.request = request
    }

    /// The supplementary groups, read from /proc; empty where they cannot be read. Valid before the request is answered.
    public var supplementaryGroups: [UInt32] {
        var groups = [UInt32](repeating: 0, count: 64)
        var count = Int(fuse_req_getgroups(request, Int32(groups.count), &groups))
        if count > groups.count {
            groups = [UInt32](repeating: 0, count: count)
            count = min(count, Int(fuse_req_getgroups(request, Int32(count), &groups)))
        }
        return count > 0 ? Array(groups.prefix(count)) : []
    }
}
