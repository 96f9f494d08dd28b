import FuseServer
import Glibc
package import SystemPackage

/// A thread of its own for what must not hold up a request.
package enum BackgroundThread {
    /// Runs `body` on a new, detached thread; on the caller's where none can be had.
    package static func run(_ body: @escaping @Sendable () -> Void) {
        do throws(Errno) {
            try start(body)
        } catch {
            body()
        }
    }

    /// Runs `body`, which may never return, on a new, detached thread.
    /// - Throws: EAGAIN where there can be no more threads.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(Errno) {
        pthread_detach(try ServiceThread.start(body))
    }

    /// Has the calling thread run after those that answer requests.
    static func giveWay() {
        // 0 is the thread alone (setpriority(2), "C library/kernel differences").
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    }
}
