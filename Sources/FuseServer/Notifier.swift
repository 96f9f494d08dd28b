import CFuse3
import Glibc
public import SystemPackage

/// What a server tells the kernel unasked: that what it cached is no longer so.
///
/// Each call waits for locks that requests in flight hold (a directory's while something is created in it, a page's while
/// it is read), so it is made by a thread that answers no request and holds no lock that answering one takes. A node or
/// name that the kernel does not know is no error.
public struct Notifier: Sendable {
    private let device: Int32
    /// Whether the kernel has FUSE_NOTIFY_INC_EPOCH (protocol 7.44, Linux 6.16).
    public let expiresAllNames: Bool
    private let expiresNames: Bool

    /// - Parameters:
    ///   - device: a descriptor of /dev/fuse; the session's own.
    ///   - protocolMinor: the kernel's.
    public init(device: Int32, protocolMinor: UInt32) {
        self.device = device
        expiresAllNames = protocolMinor >= UInt32(FOLIO_FUSE_EPOCH_MINOR)
        expiresNames = protocolMinor >= UInt32(FOLIO_FUSE_EXPIRE_MINOR)
    }

    /// Drops the cached attributes and access control lists of a node and, where asked for, its cached data: the pages of
    /// a file, the target of a symbolic link, the listing of a directory.
    /// - Throws: ENODEV when the mount is gone.
    public func invalidate(_ node: NodeID, data: Bool) throws(Errno) {
        try send(
            FOLIO_FUSE_NOTIFY_INODE,
            folio_fuse_notify_inode(nodeid: node.rawValue, offset: data ? 0 : -1, length: 0), [])
    }

    /// Has a name, or its absence, looked up again at its next use. What is in use under it stays.
    /// - Throws: ENODEV when the mount is gone.
    public func expire(_ name: [UInt8], in parent: NodeID) throws(Errno) {
        try send(
            FOLIO_FUSE_NOTIFY_ENTRY,
            folio_fuse_notify_entry(
                parent: parent.rawValue, name_length: UInt32(name.count),
                flags: expiresNames ? UInt32(FOLIO_FUSE_EXPIRE_ONLY) : 0),
            name + [0])
    }

    /// Has every name looked up again at its next use, those in answers on their way as well; only where
    /// `expiresAllNames`.
    /// - Throws: ENODEV when the mount is gone.
    public func expireAllNames() throws(Errno) {
        try send(FOLIO_FUSE_NOTIFY_EPOCH, (), [])
    }

    private func send<Body>(_ code: Int, _ body: Body, _ tail: [UInt8]) throws(Errno) {
        var header = folio_fuse_out_header(len: 0, error: Int32(code), unique: 0)
        var body = body
        let result = withUnsafeMutableBytes(of: &body) { body in
            tail.withUnsafeBytes { tail in
                withUnsafeMutableBytes(of: &header) { header in
                    let length = UInt32(header.count + body.count + tail.count)
                    header.storeBytes(of: length, as: UInt32.self)
                    let pieces = [
                        iovec(iov_base: header.baseAddress, iov_len: header.count),
                        iovec(iov_base: body.baseAddress, iov_len: body.count),
                        iovec(iov_base: UnsafeMutableRawPointer(mutating: tail.baseAddress), iov_len: tail.count),
                    ].filter { $0.iov_len > 0 }
                    return writev(device, pieces, Int32(pieces.count)) < 0 ? errno : 0
                }
            }
        }
        // Anything else concerns this node or name, of which the kernel mostly knows nothing (ENOENT).
        guard [ENODEV, ENOTCONN, ECONNABORTED, EPERM, EBADF].contains(result) else { return }
        throw Errno(rawValue: result)
    }
}
