import CLinuxShims
import Glibc
package import SystemPackage

/// Threads of a server.
package enum ServiceThread {
    private final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a new thread, which is to be joined or detached.
    ///
    /// Signals that end the mount are left to the first thread. Who starts it may be a worker that stays on its caller's processor; the
    /// new thread may run anywhere, as the first one does.
    ///
    /// - Returns: its pthread_t, which is a plain number whatever module it is found in.
    /// - Throws: EAGAIN where there can be no more threads.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(Errno) -> UInt {
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&blocked, signal) }
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let failure = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                _ = folio_run_anywhere(folio_thread())
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard failure == 0 else {
            box.release()
            throw Errno(rawValue: failure)
        }
        return thread
    }

    /// Has the calling thread, and the processes that it starts, run wherever the first thread may: a worker that stays on its caller's
    /// processor leaves it, and comes back by itself.
    package static func runAnywhere() { _ = folio_run_anywhere(folio_thread()) }
}
