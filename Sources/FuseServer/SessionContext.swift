import CFuse3
import Glibc
import Synchronization

/// What libfuse's callbacks of one session share: the filesystem, and the negotiation of FUSE_INIT.
final class SessionContext: Sendable {
    let filesystem: any Filesystem
    private let options: SessionOptions
    private let state = Mutex(State())

    private struct State {
        /// FUSE_INIT has been read and not been answered.
        var initializing: UInt64?
        var offersPassthrough = false
        var passthrough = false
        var grant: Grant?
    }

    init(filesystem: any Filesystem, options: SessionOptions) {
        self.filesystem = filesystem
        self.options = options
    }

    var grant: Grant? { state.withLock(\.grant) }

    /// Called by libfuse with what the kernel offers, before FUSE_INIT is answered.
    func negotiate(_ connection: UnsafeMutablePointer<fuse_conn_info>) {
        var offered = Capabilities(rawValue: UInt64(connection.pointee.capable))
        if state.withLock(\.offersPassthrough) { offered.insert(.passthrough) }
        let granted = offered.intersection(options.wanted)
        connection.pointee.want = UInt32(truncatingIfNeeded: granted.rawValue)
        connection.pointee.max_write = options.maximumWrite
        connection.pointee.max_readahead = options.maximumWrite
        connection.pointee.time_gran = 1
        let grant = Grant(
            protocolMinor: connection.pointee.proto_minor, offered: offered, granted: granted,
            refused: options.wanted.subtracting(offered), maximumWrite: connection.pointee.max_write)
        state.withLock { state in
            state.passthrough = granted.contains(.passthrough)
            state.grant = grant
        }
        filesystem.initialize(grant)
    }

    /// Reads the first request, and sees in FUSE_INIT whether the kernel offers passthrough, of which libfuse 3.14 knows nothing.
    func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ size: Int) -> Int {
        let count = Glibc.read(descriptor, buffer, size)
        guard count > 0, let buffer else { return count }
        let headerSize = MemoryLayout<folio_fuse_in_header>.size
        guard count >= headerSize + MemoryLayout<folio_fuse_init_in>.size else { return count }
        let header = buffer.loadUnaligned(as: folio_fuse_in_header.self)
        guard header.opcode == UInt32(FOLIO_FUSE_INIT) else { return count }
        let body = buffer.loadUnaligned(fromByteOffset: headerSize, as: folio_fuse_init_in.self)
        let extended = body.flags & UInt32(FOLIO_FUSE_INIT_EXT) != 0
        state.withLock { state in
            state.initializing = header.unique
            state.offersPassthrough =
                extended && body.minor >= UInt32(FOLIO_FUSE_PASSTHROUGH_MINOR)
                && body.flags2 & UInt32(FOLIO_FUSE_INIT2_PASSTHROUGH) != 0
        }
        return count
    }

    /// Writes the first reply, and completes that of FUSE_INIT with passthrough.
    func write(_ descriptor: Int32, _ vector: UnsafeMutablePointer<iovec>?, _ count: Int32) -> Int {
        if let vector { completeInitialization(vector, Int(count)) }
        return writev(descriptor, vector, count)
    }

    private func completeInitialization(_ vector: UnsafeMutablePointer<iovec>, _ count: Int) {
        guard count >= 1, let header = vector[0].iov_base?.loadUnaligned(as: folio_fuse_out_header.self) else { return }
        let (answers, passthrough) = state.withLock { state in
            let answers = state.initializing == header.unique
            if answers { state.initializing = nil }
            return (answers, state.passthrough)
        }
        guard answers, passthrough, header.error == 0, count >= 2, let body = vector[1].iov_base,
            vector[1].iov_len >= MemoryLayout<folio_fuse_init_out>.size
        else { return }
        var out = body.loadUnaligned(as: folio_fuse_init_out.self)
        out.minor = max(out.minor, UInt32(FOLIO_FUSE_PASSTHROUGH_MINOR))
        out.flags |= UInt32(FOLIO_FUSE_INIT_EXT)
        out.flags2 |= UInt32(FOLIO_FUSE_INIT2_PASSTHROUGH)
        out.max_stack_depth = options.maximumStackDepth
        body.storeBytes(of: out, as: folio_fuse_init_out.self)
    }
}
