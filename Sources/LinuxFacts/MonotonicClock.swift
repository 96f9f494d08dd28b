import Glibc

/// Time that only goes forward, since some moment of the machine's start (CLOCK_MONOTONIC, clock_gettime(2)).
package enum MonotonicClock {
    /// Now, in milliseconds.
    package static func milliseconds() -> Int {
        let now = time()
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// Now, in seconds.
    package static func seconds() -> Double {
        let now = time()
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    private static func time() -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now
    }
}
