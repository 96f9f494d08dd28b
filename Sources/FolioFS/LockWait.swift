import FuseServer
import Glibc
import SystemPackage

/// A wait for a lock on a thread of its own, ended by the lock or by the caller giving up.
final class LockWait: @unchecked Sendable {
    private enum Stage {
        case starting
        case waiting(pthread_t)
        case ended
    }

    /// Every wait there is.
    private static let all = LockedState<[ObjectIdentifier: LockWait]>([:])

    private let stage = LockedState(Stage.starting)
    private var reply: Reply?
    private let signal: Int32

    private init(_ reply: consuming Reply, signal: Int32) {
        self.reply = consume reply
        self.signal = signal
    }

    /// Calls `call`, which blocks until it has the lock or a signal ends it, then `ended`, and answers `reply` with what came
    /// of it.
    static func begin(
        _ interruption: Interruption, _ reply: consuming Reply, signal: Int32, _ call: @escaping @Sendable () -> Int32,
        ended: @escaping @Sendable (_ isTaken: Bool) -> Void
    ) {
        let wait = LockWait(reply, signal: signal)
        all.withLock { $0[ObjectIdentifier(wait)] = wait }
        BackgroundThread.run { [interruption] in
            wait.stage.withLock { $0 = .waiting(pthread_self()) }
            interruption.onInterrupt { wait.wake() }
            var failure: Errno?
            if call() != 0 { failure = Errno(rawValue: errno) }
            wait.stage.withLock { $0 = .ended }
            ended(failure == nil)
            wait.answer(failure)
            _ = all.withLock { $0.removeValue(forKey: ObjectIdentifier(wait)) }
            withExtendedLifetime(interruption) {}
        }
    }

    /// Ends every wait as if its caller had given up, and returns when all are answered, after a second at most.
    static func endAll() {
        for _ in 0..<1000 {
            let waits = all.withLock { Array($0.values) }
            if waits.isEmpty { return }
            for wait in waits { _ = wait.signalOnce() }
            usleep(1000)
        }
    }

    private func answer(_ failure: Errno?) {
        guard let reply = reply.take() else { return }
        if let failure { reply.fail(failure) } else { reply.done() }
    }

    /// Signals the thread until it has seen it: a signal that comes before the call has begun to wait is lost.
    private func wake() {
        BackgroundThread.run { [self] in
            while signalOnce() { usleep(1000) }
        }
    }

    private func signalOnce() -> Bool {
        stage.withLock { stage in
            guard case .waiting(let thread) = stage else { return false }
            pthread_kill(thread, signal)
            return true
        }
    }
}
