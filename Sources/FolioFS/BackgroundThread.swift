import FuseServer
import Glibc
import SystemPackage

/// A thread of its own for what must not hold up a request.
package enum BackgroundThread {
    /// Runs `body` on a new, detached thread; on the caller's where none can be had.
    package static func run(_ body: @escaping @Sendable () -> Void) {
        do throws(Errno) {
            pthread_detach(try ServiceThread.start(body))
        } catch {
            body()
        }
    }

    /// Has the calling thread run after those that answer requests.
    static func giveWay() {
        // 0 is the thread alone (setpriority(2), "C library/kernel differences").
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    }
}
