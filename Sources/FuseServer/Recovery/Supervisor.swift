import CLinuxShims
import Glibc
import SystemPackage

/// Starts the daemon of a mount, and another when it ends before the mount does.
///
/// Daemons are processes forked from this one that share its table of descriptors: what one of them had open, /dev/fuse above all, its
/// successor has as well, under the same numbers. The supervisor has one thread and no part in serving; it waits for signals.
public struct Supervisor {
    /// The exit status of a daemon that wants another in its place.
    public static let handedOver: Int32 = 75

    /// How a supervisor has ended.
    public enum Ending: Sendable {
        /// This is the daemon's own process, in which `daemon` has returned.
        case daemon
        /// The mount has ended, or never was, and the last daemon's exit status with it.
        case over(Int32)
    }

    /// So many daemons in a row that end early and have answered nothing are the last, where they were killed: somebody kills, and on a
    /// machine that is busy the next one has no time to answer.
    private static let patience = 64
    /// As how many of those one counts that ended by itself.
    private static let crashWeight = 8
    /// Nanoseconds after which a daemon's end is not early, though it may have answered nothing: nobody may have asked.
    private static let early: UInt64 = 5_000_000_000
    /// Milliseconds between two looks at a daemon, at most.
    private static let lookInterval = 5000
    /// Milliseconds within which a daemon should say that it still answers, where it is not given less.
    public static let defaultHangLimit = 60_000
    private let memory: RecoveryMemory
    private let mountpoint: String
    private let hangLimit: Int
    /// Called again and again while the supervisor runs, twice within `hangLimit` at least.
    private let isAlive: () -> Void
    /// Called with what happens to daemons, one line, and whether the mount ends with it.
    private let log: (_ line: String, _ isEnd: Bool) -> Void
    /// Called in place of a new daemon when one wants another: may put another image of the program in this process's place.
    private let renew: () -> Void

    /// A supervisor; the process must have one thread.
    ///
    /// - Parameters:
    ///   - hangLimit: milliseconds, 1000 at least; a daemon that has called `RecoveryMemory.tellAlive()`, and for so long has neither called
    ///     it again nor answered anything, is killed.
    ///   - isAlive: called again and again, twice within `hangLimit` at least.
    public init(
        _ memory: RecoveryMemory, mountpoint: String, hangLimit: Int = Supervisor.defaultHangLimit,
        isAlive: @escaping () -> Void = {}, log: @escaping (_ line: String, _ isEnd: Bool) -> Void,
        renew: @escaping () -> Void
    ) {
        self.memory = memory
        self.mountpoint = mountpoint
        self.hangLimit = hangLimit
        self.isAlive = isAlive
        self.log = log
        self.renew = renew
    }

    /// Runs daemons until the mount ends.
    ///
    /// - Parameter daemon: serves; called in a process of its own, on a thread of its own.
    /// - Throws: EAGAIN, ENOMEM where there can be no more processes, and what `daemon` throws, in its process.
    public func run(_ daemon: @escaping @Sendable () throws -> Void) throws -> Ending {
        let signals = Self.watched
        var before = sigset_t()
        var blocked = signals
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        // An image that took another's place finds them blocked.
        for signal in Self.handled { sigdelset(&before, signal) }
        let own = getpid()
        var failures = 0
        var lingering: [pid_t] = []
        while true {
            let (answered, begun) = (memory.answered, RequestTimes.now())
            memory.isReady = false
            memory.signs = 0
            let process = folio_fork_sharing_descriptors()
            if process == 0 {
                // Where the supervisor ends the mount does, in order.
                folio_signal_with_parent(SIGTERM)
                if getppid() != own { kill(getpid(), SIGTERM) }
                pthread_sigmask(SIG_SETMASK, &before, nil)
                try Self.onOwnThread(daemon)
                return .daemon
            }
            guard process > 0 else {
                let failure = Errno(rawValue: errno)
                if memory.isServing { giveUp("no process can be had") }
                throw failure
            }
            let (status, cause) = awaitEnd(of: process, signals, &lingering)
            let wasKilled = status & 0x7f == SIGKILL
            memory.hasCrashed = cause == .hung || !wasKilled && status != Self.handedOver << 8
            if status & 0x7f == 0, status >> 8 == 0 || !memory.isServing { return .over(status >> 8) }
            if status == Self.handedOver << 8 {
                renew()
                continue
            }
            guard memory.isServing else {
                if memory.device >= 0 { giveUp("the daemon \(Self.describe(status)) before it served") }
                return .over(128 + status & 0x7f)
            }
            if cause == .asked {
                giveUp("the daemon was asked to end, and \(Self.describe(status))")
                return .over(1)
            }
            // One that is killed while it waits for requests has not failed.
            let isBlameless =
                memory.answered != answered || RequestTimes.now() - begun > Self.early
                || memory.isReady && wasKilled
            failures = isBlameless ? 0 : failures + (wasKilled ? 1 : Self.crashWeight)
            guard failures < Self.patience else {
                giveUp("one daemon after the other answered nothing, the last \(Self.describe(status))")
                return .over(1)
            }
            let end = cause == .hung ? "answered nothing any more and was killed" : Self.describe(status)
            log("the daemon of \(mountpoint) \(end); another takes over", false)
            let pause = failures == 0 ? 0 : min(10 << (failures / Self.crashWeight), wasKilled ? 100 : 1000)
            if pause > 0, [SIGTERM, SIGINT].contains(Self.pause(pause, signals)) {
                giveUp("the supervisor was asked to end between two daemons")
                return .over(1)
            }
        }
    }

    private static let handled = [SIGCHLD, SIGTERM, SIGINT, SIGHUP]

    private static var watched: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in handled { sigaddset(&signals, signal) }
        return signals
    }

    /// What has brought a daemon's end about.
    private enum Cause {
        case itself
        /// A signal to the supervisor.
        case asked
        /// It answered nothing any more.
        case hung
    }

    /// Waits for a daemon's end, handing signals on; one that hangs is killed.
    ///
    /// - Parameter lingering: daemons that are dead and have a thread in the kernel yet. One that was killed while it dropped cached pages
    ///   waits for a page that a read request holds, and that for an answer: its successor's, so that must not wait for it (Linux 6.18
    ///   fs/fuse/inode.c fuse_reverse_inval_inode(), measured).
    private func awaitEnd(
        of process: pid_t, _ signals: sigset_t, _ lingering: inout [pid_t]
    ) -> (status: Int32, cause: Cause) {
        var signals = signals
        var status: Int32 = 0
        var (isAsked, isKilled) = (false, false)
        var cause: Cause { isAsked ? .asked : isKilled ? .hung : .itself }
        var silence = Silence(memory)
        while waitpid(process, &status, WNOHANG) != process {
            lingering.removeAll { waitpid($0, nil, WNOHANG) == $0 }
            isAlive()
            let signal = folio_await_signal(&signals, isKilled ? 50 : Int32(interval))
            switch signal {
            case SIGHUP: kill(process, SIGHUP)
            case SIGTERM, SIGINT:
                isAsked = true
                kill(process, signal)
            default:
                if signal < 0, !isKilled {
                    let limit = isAsked ? max(hangLimit, Self.defaultHangLimit) : hangLimit
                    isKilled = silence.looks(at: memory) * interval >= limit
                    if isKilled { kill(process, SIGKILL) }
                }
                guard isKilled || !isAsked, Self.isDead(process) else { continue }
                // Where all of it has ended meanwhile, its status is there.
                if waitpid(process, &status, WNOHANG) == process { return (status, cause) }
                lingering.append(process)
                return (SIGKILL, cause)
            }
        }
        return (status, cause)
    }

    /// Milliseconds between two looks at whether a daemon is dead that has not ended, or hangs.
    private var interval: Int { min(Self.lookInterval, hangLimit / 4) }

    /// How often in a row a daemon showed no sign of life. Looks are counted, not time: this process may have been stopped together with it.
    private struct Silence {
        private var signs: UInt64
        private var answered: UInt64
        private var looks = 0

        init(_ memory: RecoveryMemory) { (signs, answered) = (memory.signs, memory.answered) }

        /// Looks once more. One that has never said that it answers is at work on that.
        mutating func looks(at memory: RecoveryMemory) -> Int {
            let (signs, answered) = (memory.signs, memory.answered)
            looks = signs > 0 && signs == self.signs && answered == self.answered ? looks + 1 : 0
            (self.signs, self.answered) = (signs, answered)
            return looks
        }
    }

    /// Whether the first thread of a process is gone: with SIGKILL none of the others does anything more of its own.
    private static func isDead(_ process: pid_t) -> Bool {
        let file = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = read(file, &text, text.count)
        guard count > 0, let end = text[..<count].lastIndex(of: UInt8(ascii: ")")), end + 2 < count else {
            return false
        }
        return text[end + 2] == UInt8(ascii: "Z")
    }

    /// - Returns: a signal other than SIGCHLD that came meanwhile; 0: none.
    private static func pause(_ milliseconds: Int, _ signals: sigset_t) -> Int32 {
        var signals = signals
        sigdelset(&signals, SIGCHLD)
        return max(0, folio_await_signal(&signals, Int32(milliseconds)))
    }

    /// Calls `body` on a thread that knows its own number: the first one of a process that was forked without glibc does not.
    private static func onOwnThread(_ body: @escaping @Sendable () throws -> Void) throws {
        nonisolated(unsafe) var outcome: Result<Void, any Error> = .success(())
        let thread = try ServiceThread.start { outcome = Result { try body() } }
        pthread_join(thread, nil)
        try outcome.get()
    }

    private func giveUp(_ reason: String) {
        // By force: nobody will answer what waits.
        folio_unmount(mountpoint, Int32(FOLIO_MNT_FORCE) | Int32(FOLIO_MNT_DETACH))
        log("\(mountpoint) is unmounted: \(reason)", true)
    }

    private static func describe(_ status: Int32) -> String {
        status & 0x7f == 0 ? "ended with status \(status >> 8)" : "was ended by signal \(status & 0x7f)"
    }
}
