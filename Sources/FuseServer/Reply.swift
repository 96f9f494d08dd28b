import CFuse3
import Glibc
public import SystemPackage

/// The duty to answer one request exactly once: dropped unanswered, it answers EIO.
public struct Reply: ~Copyable, @unchecked Sendable {
    private let request: OpaquePointer?
    /// Whether an interruption refers to the request; it must be forgotten before the answer.
    private let interruptible: Bool

    init(_ request: OpaquePointer?, interruptible: Bool = false) {
        self.request = request
        self.interruptible = interruptible
    }

    deinit { Self.answer(request, interruptible, EIO) }

    /// Success without data.
    public consuming func done() {
        Self.answer(request, interruptible, 0)
        discard self
    }

    /// Failure.
    public consuming func fail(_ errno: Errno) {
        Self.answer(request, interruptible, errno.rawValue)
        discard self
    }

    private static func answer(_ request: OpaquePointer?, _ interruptible: Bool, _ errno: Int32) {
        if interruptible { fuse_req_interrupt_func(request, nil, nil) }
        fuse_reply_err(request, errno)
    }

    /// No answer: the kernel wants none (FUSE_FORGET).
    consuming func none() {
        fuse_reply_none(request)
        discard self
    }

    /// - Returns: false where the caller was gone and never saw the entry.
    consuming func entry(_ entry: Entry) -> Bool {
        var parameter = entry.parameter
        let result = fuse_reply_entry(request, &parameter)
        discard self
        return result == 0
    }

    /// - Returns: false where the caller was gone and never saw the file.
    consuming func created(_ entry: Entry, _ open: OpenReply) -> Bool {
        var out = folio_fuse_create_out(entry: entry.wire, open: open.wire)
        let size = MemoryLayout<folio_fuse_create_out>.size
        let result = withUnsafeMutableBytes(of: &out) { bytes in
            fuse_reply_buf(request, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), size)
        }
        discard self
        return result == 0
    }

    /// - Returns: false where the caller was gone and never saw the handle.
    consuming func opened(_ open: OpenReply) -> Bool {
        var out = open.wire
        let result = withUnsafeMutableBytes(of: &out) { bytes in
            fuse_reply_buf(request, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        discard self
        return result == 0
    }

    consuming func attributes(_ attributes: Attributes) {
        var status = attributes.status
        fuse_reply_attr(request, &status, attributes.timeout)
        discard self
    }

    consuming func link(_ target: [UInt8]) {
        target.withUnsafeBytes { bytes in
            _ = fuse_reply_buf(request, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        discard self
    }

    consuming func data(_ bytes: UnsafeRawBufferPointer) {
        fuse_reply_buf(request, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        discard self
    }

    consuming func written(_ count: Int) {
        fuse_reply_write(request, count)
        discard self
    }

    consuming func size(_ count: Int) {
        fuse_reply_xattr(request, count)
        discard self
    }

    consuming func statistics(_ statistics: FilesystemStatistics) {
        var value = statistics
        fuse_reply_statfs(request, &value)
        discard self
    }

    consuming func lock(_ lock: Lock) {
        var value = lock.cValue
        fuse_reply_lock(request, &value)
        discard self
    }

    consuming func control(_ result: Int32, _ bytes: UnsafeRawBufferPointer) {
        fuse_reply_ioctl(request, result, bytes.baseAddress, bytes.count)
        discard self
    }

    consuming func offset(_ offset: Int64) {
        fuse_reply_lseek(request, off_t(offset))
        discard self
    }
}
