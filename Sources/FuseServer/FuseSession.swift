import CFuse3
import Glibc
public import SystemPackage

/// One mount and the loop that serves it.
///
///     let session = try FuseSession(filesystem, on: "/mnt", options)
///     try session.run()          // until SIGINT, SIGTERM, SIGHUP or an unmount
///
/// `run()` returns after the mount is gone. The session, once made, is mounted; `close()` unmounts it where `run()` is
/// never called.
public final class FuseSession: @unchecked Sendable {
    private let session: OpaquePointer
    private let context: SessionContext
    private let options: SessionOptions
    /// Answers on their way to the kernel.
    public let inFlight = AnswersInFlight()
    private let end = EndOfService()
    /// Whether threads still use the session: then it is never given back.
    private var isAbandoned = false
    /// Where it is mounted.
    public let mountpoint: String
    /// Called at SIGHUP by the thread that runs the session, which must not be kept; nil: SIGHUP ends it. To be set
    /// before `run()`.
    public var onHangUp: (@Sendable () -> Void)?

    /// Mounts `filesystem`.
    ///
    /// To be called while the process has one thread.
    /// - Throws: `SessionError`.
    public init(_ filesystem: any Filesystem, on mountpoint: String, _ options: SessionOptions) throws(SessionError) {
        context = SessionContext(filesystem: filesystem, options: options)
        self.options = options
        self.mountpoint = mountpoint
        var words = ["foliofs", "-o", "fsname=" + Self.escaped(options.source), "-o", "subtype=" + options.type]
        for option in options.mountOptions { words += ["-o", option] }
        var table = operations()
        let retained = Unmanaged.passRetained(context)
        let made = StandardErrorCapture.around { Self.makeSession(words, &table, retained.toOpaque()) }
        guard let session = made.value else {
            retained.release()
            throw .badOptions(options.mountOptions, said: made.line)
        }
        let mounted = StandardErrorCapture.around { fuse_session_mount(session, mountpoint) }
        guard mounted.value == 0 else {
            fuse_session_destroy(session)
            retained.release()
            throw .mount(mountpoint: mountpoint, said: mounted.line)
        }
        // Not before: an initializer that throws when it has given every property a value runs `deinit`.
        self.session = session
        useCalls { descriptor, vector, count, context in
            guard let context else { return -1 }
            return Unmanaged<SessionContext>.fromOpaque(context)._withUnsafeGuaranteedRef {
                $0.write(descriptor, vector, count)
            }
        }
    }

    /// Gives libfuse the call by which it writes replies. It reads nothing: `RequestLoop` does.
    private func useCalls(
        writing: @convention(c) (Int32, UnsafeMutablePointer<iovec>?, Int32, UnsafeMutableRawPointer?) -> Int
    ) {
        var calls = fuse_custom_io()
        calls.read = { descriptor, buffer, size, _ in read(descriptor, buffer, size) }
        calls.writev = writing
        fuse_session_custom_io(session, &calls, fuse_session_fd(session))
    }

    /// Handles FUSE_INIT, which is there as soon as the mount is, before any worker runs. Replies after its own are
    /// written as they are.
    private func answerInitialization() {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: RequestLoop.bufferSize(options), alignment: 4096)
        defer { memory.deallocate() }
        var count = read(device, memory.baseAddress, memory.count)
        while count < 0, errno == EINTR || errno == ENOENT { count = read(device, memory.baseAddress, memory.count) }
        if count > 0, let request = RawRequest(UnsafeMutableRawBufferPointer(rebasing: memory[..<count])),
            RequestShape.holds(request)
        {
            context.notice(request)
            var buffer = fuse_buf()
            buffer.mem = memory.baseAddress
            buffer.size = count
            fuse_session_process_buf(session, &buffer)
        }
        useCalls { descriptor, vector, count, _ in writev(descriptor, vector, count) }
    }

    /// A comma or a backslash inside an option's value.
    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing(",", with: "\\,")
    }

    private static func makeSession(
        _ words: [String], _ table: inout fuse_lowlevel_ops, _ context: UnsafeMutableRawPointer
    ) -> OpaquePointer? {
        var pointers = words.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            var arguments = fuse_args(argc: Int32(buffer.count), argv: buffer.baseAddress, allocated: 0)
            defer { fuse_opt_free_args(&arguments) }
            return fuse_session_new(&arguments, &table, MemoryLayout<fuse_lowlevel_ops>.size, context)
        }
    }

    /// What the kernel and the server agreed on; nil before FUSE_INIT.
    public var grant: Grant? { context.grant }

    /// The descriptor of /dev/fuse; the session's own.
    public var device: Int32 { fuse_session_fd(session) }

    /// Handles requests until SIGINT, SIGTERM, SIGHUP (but see `onHangUp`), `stop()` or the end of the mount, then
    /// unmounts.
    ///
    /// The end is orderly: what the kernel has sent is answered, `Filesystem.drain()` is called, then it is unmounted.
    /// - Throws: ETIMEDOUT where requests were still being handled after `drainLimit` seconds.
    public func run() throws(SessionError) {
        do throws(Errno) {
            try end.onSignals(tellsHangUp: onHangUp != nil) { () throws(Errno) in
                answerInitialization()
                let loop = RequestLoop(session, context, options: options, end: end, inFlight: inFlight)
                do throws(Errno) {
                    try loop.run(drainLimit: options.drainLimit, onHangUp: onHangUp ?? {})
                } catch {
                    // Threads that are still at work use the session.
                    if error == .timedOut { isAbandoned = true }
                    throw error
                }
            }
            context.filesystem.drain()
            close()
        } catch {
            context.filesystem.drain()
            close()
            throw .loop(mountpoint: mountpoint, error)
        }
    }

    /// Makes `run()` end; from any thread.
    public func stop() { end.tell(.asked) }

    /// Unmounts; `run()` does it by itself.
    public func close() { fuse_session_unmount(session) }

    deinit {
        guard !isAbandoned else { return }
        fuse_session_destroy(session)
        Unmanaged.passUnretained(context).release()
    }

    /// Registers `file` to back passthrough opens (FUSE_DEV_IOC_BACKING_OPEN).
    ///
    /// The caller may close `file` afterwards. Whatever way it is open, writes through the mount reach it.
    /// - Throws: EPERM without CAP_SYS_ADMIN in the initial user namespace; ELOOP where it is stacked too deep.
    public func openBacking(_ file: FileDescriptor) throws(Errno) -> BackingID {
        let result = folio_backing_open(device, file.rawValue)
        guard result > 0 else { throw Errno(rawValue: errno) }
        return BackingID(rawValue: result)
    }

    /// Gives a backing file up; opens that it backs go on.
    public func closeBacking(_ backing: BackingID) {
        _ = folio_backing_close(device, UInt32(bitPattern: backing.rawValue))
    }

    /// FUSE_NOTIFY_INVAL_INODE: drops cached attributes and, from `offset` on, cached data; a negative offset keeps data.
    ///
    /// Must not be called while handling a request that holds the same node's lock (a write, a setattr): it may wait for it.
    public func invalidate(_ node: NodeID, offset: Int64 = 0, length: Int64 = 0) {
        fuse_lowlevel_notify_inval_inode(session, fuse_ino_t(node.rawValue), off_t(offset), off_t(length))
    }
}
