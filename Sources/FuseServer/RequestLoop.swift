import CFuse3
import Glibc
import Synchronization
import SystemPackage

/// Reads requests and has them answered, on as few threads as will do; the rota says how many.
///
/// In place of fuse_session_loop_mt(3): what libfuse does not know is answered here, and no thread is ever cancelled.
final class RequestLoop: @unchecked Sendable {
    private let session: OpaquePointer
    private let device: Int32
    private let bufferSize: Int
    private let end: EndOfService
    private let raw: RawOperations
    private let rota: Rota
    private let inFlight: AnswersInFlight
    private let times: RequestTimes
    private let recovery: RecoveryMemory?
    private let stopping = Atomic<Bool>(false)
    /// Whether what waits to be read is left to another daemon at the end.
    private let leavesRequests: @Sendable () -> Bool
    private let threads = Mutex(Threads())

    private struct Threads {
        var started: [pthread_t] = []
        var ended = 0
        var failure: Errno?
    }

    init(
        _ session: OpaquePointer, _ context: SessionContext, device: Int32, options: SessionOptions, end: EndOfService,
        inFlight: AnswersInFlight, times: RequestTimes, recovery: RecoveryMemory? = nil,
        leavesRequests: @escaping @Sendable () -> Bool = { false }
    ) {
        self.leavesRequests = leavesRequests
        self.session = session
        self.recovery = recovery
        self.inFlight = inFlight
        self.times = times
        self.end = end
        self.device = device
        // Each worker has a desk.
        let most = recovery == nil ? Int.max : RecoveryMemory.deskCount - 1
        rota = Rota(maximum: max(1, min(Int(options.maximumThreads), most)))
        bufferSize = Self.bufferSize(options)
        raw = RawOperations(context, device: device)
    }

    /// Room for the largest write with its header (FUSE_BUFFER_HEADER_SIZE of libfuse), page-aligned.
    static func bufferSize(_ options: SessionOptions) -> Int { max(Int(options.maximumWrite), 1 << 17) + 4096 }

    /// Handles requests until the mount ends or `end` is asked for; then what has come is answered.
    ///
    /// - Throws: what reading the device says, or ETIMEDOUT where requests were still being handled after `drainLimit`
    ///   seconds; their threads live on.
    func run(drainLimit: Double, onHangUp: () -> Void) throws(Errno) {
        installWakeSignal()
        start()
        var pause = Rota.interval
        while !allEnded {
            let event = end.next(milliseconds: pause)
            // Where one has ended the mount has, and those that rest must hear of it.
            if event == .asked || event == .workerEnded { break }
            if event == .hangUp { onHangUp() }
            let next = rota.look(hasRequest: hasRequest)
            for _ in 0..<next.starts { start() }
            pause = next.pause
        }
        stopping.store(true, ordering: .releasing)
        let limit = Self.now() + drainLimit
        while !allEnded {
            guard Self.now() < limit else { throw .timedOut }
            // A signal that comes before read(2) has begun to wait is lost: again until all have ended.
            rota.wakeAll()
            threads.withLock { for thread in $0.started { pthread_kill(thread, wakeSignal) } }
            _ = end.next(milliseconds: 2)
        }
        let (all, failure) = threads.withLock { ($0.started, $0.failure) }
        for thread in all { pthread_join(thread, nil) }
        if let failure { throw failure }
    }

    /// Whether nothing more is read until something has been answered.
    var isHeldUp: Bool { rota.isFull }

    private var allEnded: Bool { threads.withLock { $0.ended == $0.started.count } }

    private static func now() -> Double { Double(RequestTimes.now()) / 1e9 }

    /// SIGURG, which does nothing where nobody handles it, ends a wait in read(2).
    private let wakeSignal = SIGURG

    private func installWakeSignal() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(wakeSignal, &action, nil)
    }

    /// Starts one more worker where there may be one.
    private func start() {
        threads.withLock { threads in
            guard let worker = rota.enlist() else { return }
            do throws(Errno) {
                threads.started.append(try ServiceThread.start { [self] in work(worker) })
            } catch {
                rota.dismiss(worker)
                if threads.started.isEmpty { threads.failure = error }
            }
        }
    }

    private func work(_ worker: Worker) {
        let failure = receive(worker)
        threads.withLock { threads in
            threads.ended += 1
            if let failure, threads.failure == nil { threads.failure = failure }
        }
        if failure != nil { end.tell(.asked) }
        end.tell(.workerEnded)
    }

    /// - Returns: what went wrong; nil: the mount has ended or the end was asked for.
    private func receive(_ worker: Worker) -> Errno? {
        let slot = inFlight.join()
        defer { inFlight.leave(slot) }
        let table = times.join()
        defer { times.leave(table) }
        func serve(_ request: UnsafeMutableRawBufferPointer, at desk: Desk?) {
            answer(request, at: desk, worker, slot, table)
        }
        var desk: Desk?
        if let recovery {
            desk = carryOutUnfinished(recovery, serve)
            if desk == nil { return stopping.load(ordering: .acquiring) ? nil : .noMemory }
        }
        guard let memory = desk?.buffer ?? aligned_alloc(4096, (bufferSize + 4095) & ~4095) else { return .noMemory }
        defer { if desk == nil { free(memory) } }
        // A request that is copied to a page not there yet when the process is killed fails by EIO, which says too much (Linux
        // 6.18 fs/fuse/dev.c fuse_dev_do_read(), read).
        memset(memory, 0, 4096)
        while true {
            if stopping.load(ordering: .acquiring), leavesRequests() || !hasRequest() { return nil }
            desk?.begins()
            let size = read(device, memory, bufferSize)
            let failure = errno
            if size > 0 {
                desk?.received()
                serve(UnsafeMutableRawBufferPointer(start: memory, count: size), at: desk)
                continue
            }
            switch size == 0 ? ENODEV : failure {
            // A request that was taken back before it was read; a signal.
            case ENOENT, EINTR, EAGAIN: continue
            case ENODEV, ECONNABORTED: return nil
            default: return Errno(rawValue: failure)
            }
        }
    }

    @inline(__always)
    private func answer(
        _ request: UnsafeMutableRawBufferPointer, at desk: Desk?, _ worker: Worker, _ slot: AnswersInFlight.Slot,
        _ table: RequestTimes.Table
    ) {
        let began = RequestTimes.now()
        if rota.begins(worker) { end.tell(.busy) }
        let opcode = Self.opcode(request)
        if Self.takesLong(opcode), rota.beginsLong(worker) { start() }
        inFlight.begin(slot)
        handle(request)
        desk?.finish()
        let ended = RequestTimes.now()
        inFlight.end(slot, at: ended)
        table.add(opcode, nanoseconds: ended &- began)
        worker.place.served(request)
        rota.ends(worker) { stopping.load(ordering: .acquiring) }
    }

    /// Has answered what was in flight when the last daemon ended, before anything new is read.
    ///
    /// It may wait for the source, for as long as that takes: then another worker takes its turn, which goes on with the rest first.
    /// - Returns: where the worker sits; nil: another daemon is to take over.
    private func carryOutUnfinished(
        _ recovery: RecoveryMemory, _ serve: (UnsafeMutableRawBufferPointer, Desk?) -> Void
    ) -> Desk? {
        var desk: Desk?
        while !stopping.load(ordering: .acquiring) || !leavesRequests() {
            guard let next = recovery.takeUnfinished(from: desk) else {
                recovery.isReady = true
                guard desk == nil, let free = recovery.takeDesk() else { return desk }
                free.sit()
                free.populate(bufferSize)
                return free
            }
            desk = next
            next.sit()
            next.populate(bufferSize)
            if let request = next.request { serve(request.bytes, next) }
        }
        return nil
    }

    /// fuse_in_header.opcode; 0: it is shorter than a header.
    private static func opcode(_ request: UnsafeMutableRawBufferPointer) -> UInt32 {
        guard request.count >= RawRequest.headerSize else { return 0 }
        return UnsafeRawPointer(request.baseAddress)?.load(fromByteOffset: 4, as: UInt32.self) ?? 0
    }

    /// Whether a request waits for the disk or for another process by its nature.
    private static func takesLong(_ opcode: UInt32) -> Bool {
        opcode < 64 && longOperations & 1 << UInt64(opcode) != 0
    }

    /// FUSE_FSYNC, FUSE_FSYNCDIR, FUSE_SETLKW, FUSE_COPY_FILE_RANGE, FUSE_SYNCFS, by opcode.
    private static let longOperations: UInt64 = 1 << 20 | 1 << 30 | 1 << 33 | 1 << 47 | 1 << 50

    private func hasRequest() -> Bool {
        var wanted = pollfd(fd: device, events: Int16(POLLIN), revents: 0)
        return poll(&wanted, 1, 0) > 0 && wanted.revents & Int16(POLLIN) != 0
    }

    /// Has one request answered.
    func handle(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let request = RawRequest(bytes), RequestShape.holds(request) else {
            RawReply.refuse(bytes, device: device)
            return
        }
        CurrentRequest.with(request) {
            RequestStep.read.reached()
            guard !raw.answer(request) else { return }
            var buffer = fuse_buf()
            buffer.mem = bytes.baseAddress
            buffer.size = bytes.count
            fuse_session_process_buf(session, &buffer)
        }
    }
}
