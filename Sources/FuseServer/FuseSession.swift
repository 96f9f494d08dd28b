import CFuse3
import CLinuxShims
import Glibc
import Synchronization
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
    private let times: RequestTimes
    private let end = EndOfService()
    /// Whether threads still use the session: then it is never given back.
    private var isAbandoned = false
    /// Where it is mounted.
    public let mountpoint: String
    /// What another daemon could take over; nil: nothing.
    private let recovery: RecoveryMemory?
    /// Whether an earlier daemon mounted it.
    private let isTakenOver: Bool
    /// What backs passthrough opens.
    private let backings = Mutex<Set<BackingID>>([])
    /// What handles requests now.
    private let loop = Mutex<RequestLoop?>(nil)
    /// Whether `handOver()` has asked for the end.
    private let handsOver = Atomic(false)
    /// Called at SIGHUP by the thread that runs the session, which must not be kept; nil: SIGHUP ends it. To be set
    /// before `run()`.
    public var onHangUp: (@Sendable () -> Void)?

    /// Mounts `filesystem`, or takes over the mount that `recovery` is about.
    ///
    /// To be called while no other thread of the process starts processes or writes to standard error.
    /// - Throws: `SessionError`.
    public init(
        _ filesystem: any Filesystem, on mountpoint: String, _ options: SessionOptions, recovery: RecoveryMemory? = nil
    ) throws(SessionError) {
        context = SessionContext(filesystem: filesystem, options: options)
        self.recovery = recovery
        times = RequestTimes(recovery)
        isTakenOver = recovery?.isServing == true
        self.options = options
        self.mountpoint = mountpoint
        var words = ["foliofs", "-o", "fsname=" + Self.escaped(options.source), "-o", "subtype=" + options.type]
        for option in options.mountOptions { words += ["-o", option] }
        var table = operations()
        let retained = Unmanaged.passRetained(context)
        // The options of a mount that is taken over have been good once; and a daemon that were killed meanwhile would leave the supervisor,
        // which has the same descriptors, without standard error.
        let made =
            isTakenOver
            ? (line: "", value: Self.makeSession(words, &table, retained.toOpaque()))
            : StandardErrorCapture.around { Self.makeSession(words, &table, retained.toOpaque()) }
        guard let session = made.value else {
            retained.release()
            throw .badOptions(options.mountOptions, said: made.line)
        }
        if !isTakenOver {
            let mounted = StandardErrorCapture.around { fuse_session_mount(session, mountpoint) }
            guard mounted.value == 0 else {
                fuse_session_destroy(session)
                retained.release()
                throw .mount(mountpoint: mountpoint, said: mounted.line)
            }
        }
        let device = isTakenOver ? recovery?.device ?? -1 : fuse_session_fd(session)
        // Not before: an initializer that throws when it has given every property a value runs `deinit`.
        self.session = session
        recovery?.device = device
        useCalls(device) { descriptor, vector, count, context in
            guard let context else { return -1 }
            return Unmanaged<SessionContext>.fromOpaque(context)._withUnsafeGuaranteedRef {
                $0.write(descriptor, vector, count)
            }
        }
    }

    /// Gives libfuse the call by which it writes replies. It reads nothing: `RequestLoop` does.
    private func useCalls(
        _ device: Int32,
        writing: @convention(c) (Int32, UnsafeMutablePointer<iovec>?, Int32, UnsafeMutableRawPointer?) -> Int
    ) {
        var calls = fuse_custom_io()
        calls.read = { descriptor, buffer, size, _ in read(descriptor, buffer, size) }
        calls.writev = writing
        fuse_session_custom_io(session, &calls, device)
    }

    /// Handles FUSE_INIT, which is there as soon as the mount is, before any worker runs. Replies after its own are
    /// written as they are.
    private func answerInitialization() {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: RequestLoop.bufferSize(options), alignment: 4096)
        defer { memory.deallocate() }
        let count = isTakenOver ? readAgain(memory) : readInitialization(memory)
        if count > 0, let request = RawRequest(UnsafeMutableRawBufferPointer(rebasing: memory[..<count])),
            RequestShape.holds(request)
        {
            context.notice(request)
            var buffer = fuse_buf()
            buffer.mem = memory.baseAddress
            buffer.size = count
            fuse_session_process_buf(session, &buffer)
        }
        guard let recovery else {
            useCalls(device) { descriptor, vector, count, _ in writev(descriptor, vector, count) }
            return
        }
        if !isTakenOver { recovery.beginsServing() }
        useCalls(device) { descriptor, vector, count, _ in ReplyWriter.write(descriptor, vector, Int(count)) }
    }

    private func readInitialization(_ memory: UnsafeMutableRawBufferPointer) -> Int {
        var count = read(device, memory.baseAddress, memory.count)
        while count < 0, errno == EINTR || errno == ENOENT { count = read(device, memory.baseAddress, memory.count) }
        guard let recovery, count > 0 else { return count }
        RequestStep.memory = recovery
        let isSaved = recovery.saveInitialization(UnsafeRawBufferPointer(rebasing: memory[..<count]))
        return isSaved ? count : -1
    }

    /// FUSE_INIT as the first daemon had it; its answer goes nowhere.
    private func readAgain(_ memory: UnsafeMutableRawBufferPointer) -> Int {
        guard let recovery, recovery.initialization.count <= memory.count else { return -1 }
        memory.copyMemory(from: recovery.initialization)
        context.swallowsAnswer()
        return recovery.initialization.count
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

    /// The requests that have been answered, by operation, with how long each took; from any thread.
    ///
    /// FUSE_INIT is not among them. A request that is answered later by another thread, as a lock that is waited for, counts until its
    /// handler has returned; what the kernel wants no answer to (FUSE_FORGET), until it has been dealt with. Under a `RecoveryMemory` it
    /// goes on from one daemon to the next. It costs a request about 0.05 µs, for two looks at the clock.
    public var requests: [RequestOperation: RequestHistogram] { times.histograms }

    /// The descriptor of /dev/fuse; the session's own.
    public var device: Int32 { fuse_session_fd(session) }

    /// Whether every thread that there may be handles a request, so that what comes waits until one of them is through: as where all
    /// wait for a source that does not answer. From any thread.
    public var isHeldUp: Bool { loop.withLock { $0?.isHeldUp ?? false } }

    /// Handles requests until SIGINT, SIGTERM, SIGHUP (but see `onHangUp`), `stop()` or the end of the mount, then
    /// unmounts.
    ///
    /// The end is orderly: what the kernel has sent is answered, `Filesystem.drain()` is called, then it is unmounted.
    /// - Throws: ETIMEDOUT where requests were still being handled after `drainLimit` seconds.
    public func run() throws(SessionError) {
        do throws(Errno) {
            try end.onSignals(tellsHangUp: onHangUp != nil) { () throws(Errno) in
                answerInitialization()
                let loop = RequestLoop(
                    session, context, device: device, options: options, end: end, inFlight: inFlight, times: times,
                    recovery: recovery,
                    leavesRequests: { [weak self] in self?.isHandedOver == true })
                self.loop.withLock { $0 = loop }
                do throws(Errno) {
                    try loop.run(drainLimit: options.drainLimit, onHangUp: onHangUp ?? {})
                } catch {
                    // Threads that are still at work use the session.
                    if error == .timedOut { isAbandoned = true }
                    throw error
                }
            }
            if handsOver.load(ordering: .acquiring) { return }
            context.filesystem.drain()
            close()
        } catch {
            // What is still being handled is sent again.
            if isHandedOver, error == .timedOut { return }
            context.filesystem.drain()
            close()
            throw .loop(mountpoint: mountpoint, error)
        }
    }

    /// Makes `run()` end; from any thread.
    public func stop() { end.tell(.asked) }

    /// Makes `run()` end when what is being handled has been answered, with the mount as it is, for another daemon to take over;
    /// from any thread. Only with `recovery`.
    public func handOver() {
        handsOver.store(true, ordering: .releasing)
        stop()
    }

    /// Whether `run()` has ended, or will, because another daemon is to take over.
    public var isHandedOver: Bool { handsOver.load(ordering: .acquiring) }

    /// Unmounts; `run()` does it by itself.
    ///
    /// The kernel would let go of backing files when the last descriptor of /dev/fuse is gone, and the process with it perhaps: a source
    /// could not be unmounted at once. Programs that still have files open keep these.
    public func close() {
        unmount()
        for backing in backings.withLock({ $0 }) { closeBacking(backing) }
    }

    private func unmount() {
        guard isTakenOver else { return fuse_session_unmount(session) }
        // Gone already, where somebody else has unmounted it: another may be mounted there by now.
        var state = pollfd(fd: device, events: 0, revents: 0)
        if poll(&state, 1, 0) > 0, state.revents & Int16(POLLERR) != 0 { return }
        folio_unmount(mountpoint, Int32(FOLIO_MNT_DETACH))
    }

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
        if let recovery, result > recovery.lastBacking { recovery.lastBacking = result }
        let backing = BackingID(rawValue: result)
        backings.withLock { _ = $0.insert(backing) }
        return backing
    }

    /// Goes on with the backing files `claimed` of an earlier daemon, and gives up those it had registered and told nobody of: their numbers
    /// are near those given out last, as the kernel counts up (Linux 6.18 fs/fuse/passthrough.c fuse_backing_id_alloc(), idr_alloc_cyclic(), read).
    public func closeBackings(but claimed: Set<BackingID>) {
        backings.withLock { $0.formUnion(claimed) }
        guard let last = recovery?.lastBacking else { return }
        for number in max(1, last - 64)...(last + 64) where !claimed.contains(BackingID(rawValue: number)) {
            closeBacking(BackingID(rawValue: number))
        }
    }

    /// Gives a backing file up; opens that it backs go on.
    public func closeBacking(_ backing: BackingID) {
        backings.withLock { _ = $0.remove(backing) }
        _ = folio_backing_close(device, UInt32(bitPattern: backing.rawValue))
    }

    /// FUSE_NOTIFY_INVAL_INODE: drops cached attributes and, from `offset` on, cached data; a negative offset keeps data.
    ///
    /// Must not be called while handling a request that holds the same node's lock (a write, a setattr): it may wait for it.
    public func invalidate(_ node: NodeID, offset: Int64 = 0, length: Int64 = 0) {
        fuse_lowlevel_notify_inval_inode(session, fuse_ino_t(node.rawValue), off_t(offset), off_t(length))
    }
}
