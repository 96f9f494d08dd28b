import CFuse3
import Glibc
import SystemPackage

/// The duty to answer once a request that libfuse does not know: dropped unanswered, it answers EIO.
struct RawReply: ~Copyable {
    private let unique: UInt64
    private let device: Int32

    init(_ request: RawRequest, device: Int32) {
        unique = request.header.unique
        self.device = device
    }

    deinit { Self.send(unique, device, EIO, UnsafeRawBufferPointer(start: nil, count: 0)) }

    consuming func done() {
        Self.send(unique, device, 0, UnsafeRawBufferPointer(start: nil, count: 0))
        discard self
    }

    consuming func fail(_ errno: Errno) {
        Self.send(unique, device, errno.rawValue, UnsafeRawBufferPointer(start: nil, count: 0))
        discard self
    }

    /// Sends a structure of the protocol.
    ///
    /// - Returns: false where the caller was gone and never saw it.
    @discardableResult
    consuming func structure<Value>(_ value: Value) -> Bool {
        let sent = withUnsafeBytes(of: value) { Self.send(unique, device, 0, $0) }
        discard self
        return sent
    }

    /// Answers EIO to what is no request that could be read.
    static func refuse(_ bytes: UnsafeMutableRawBufferPointer, device: Int32) {
        guard bytes.count >= 16 else { return }
        send(
            UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: 8, as: UInt64.self), device, EIO,
            .init(start: nil, count: 0))
    }

    @discardableResult
    private static func send(_ unique: UInt64, _ device: Int32, _ errno: Int32, _ body: UnsafeRawBufferPointer) -> Bool
    {
        let headerSize = MemoryLayout<folio_fuse_out_header>.size
        var header = folio_fuse_out_header(len: UInt32(headerSize + body.count), error: -errno, unique: unique)
        return withUnsafeMutableBytes(of: &header) { head in
            var parts = (
                iovec(iov_base: head.baseAddress, iov_len: headerSize),
                iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
            )
            return withUnsafeBytes(of: &parts) { parts in
                ReplyWriter.write(
                    device, parts.baseAddress?.assumingMemoryBound(to: iovec.self), body.isEmpty ? 1 : 2) >= 0
            }
        }
    }
}
