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
        /// The answer to it was given by an earlier daemon.
        var swallows = false
        var offered: Capabilities = []
        var grant: Grant?
    }

    init(filesystem: any Filesystem, options: SessionOptions) {
        self.filesystem = filesystem
        self.options = options
    }

    var grant: Grant? { state.withLock(\.grant) }

    /// Called by libfuse with what it made of FUSE_INIT, before that is answered.
    func negotiate(_ connection: UnsafeMutablePointer<fuse_conn_info>) {
        let offered = state.withLock(\.offered)
        let granted = offered.intersection(options.wanted)
        connection.pointee.want = granted.library & connection.pointee.capable
        connection.pointee.max_write = options.maximumWrite
        connection.pointee.max_readahead = options.maximumWrite
        connection.pointee.time_gran = 1
        let grant = Grant(
            protocolMinor: connection.pointee.proto_minor, offered: offered, granted: granted,
            refused: options.wanted.subtracting(offered), maximumWrite: connection.pointee.max_write)
        state.withLock { $0.grant = grant }
        filesystem.initialize(grant)
    }

    /// Reads in the first request, FUSE_INIT, what the kernel offers: libfuse 3.14 knows half of it.
    func notice(_ request: RawRequest) {
        guard request.header.opcode == UInt32(FOLIO_FUSE_INIT), let body = request.structure(folio_fuse_init_in.self)
        else { return }
        let extended = body.flags & UInt32(FOLIO_FUSE_INIT_EXT) != 0
        let bits = UInt64(body.flags) | (extended ? UInt64(body.flags2) << 32 : 0)
        state.withLock { state in
            state.initializing = request.header.unique
            state.offered = Capabilities(rawValue: bits)
        }
    }

    /// Has the first reply go nowhere.
    func swallowsAnswer() { state.withLock { $0.swallows = true } }

    /// Writes the first reply, that of FUSE_INIT, completed with what libfuse does not know.
    func write(_ descriptor: Int32, _ vector: UnsafeMutablePointer<iovec>?, _ count: Int32) -> Int {
        if let vector { completeInitialization(vector, Int(count)) }
        if state.withLock(\.swallows), let vector {
            return (0..<Int(count)).reduce(0) { $0 + vector[$1].iov_len }
        }
        return writev(descriptor, vector, count)
    }

    private func completeInitialization(_ vector: UnsafeMutablePointer<iovec>, _ count: Int) {
        guard count >= 1, let header = vector[0].iov_base?.loadUnaligned(as: folio_fuse_out_header.self) else { return }
        let (answers, granted) = state.withLock { state in
            let answers = state.initializing == header.unique
            if answers { state.initializing = nil }
            return (answers, state.grant?.granted ?? [])
        }
        guard answers, header.error == 0, count >= 2, let body = vector[1].iov_base,
            vector[1].iov_len >= MemoryLayout<folio_fuse_init_out>.size
        else { return }
        var out = body.loadUnaligned(as: folio_fuse_init_out.self)
        out.flags |= UInt32(truncatingIfNeeded: granted.rawValue)
        let second = UInt32(granted.rawValue >> 32)
        if second != 0 {
            out.minor = max(out.minor, UInt32(FOLIO_FUSE_INIT_MINOR))
            out.flags |= UInt32(FOLIO_FUSE_INIT_EXT)
            out.flags2 |= second
        }
        if granted.contains(.passthrough) { out.max_stack_depth = options.maximumStackDepth }
        body.storeBytes(of: out, as: folio_fuse_init_out.self)
    }
}
