import CFuse3
import Glibc

/// What a request was about to do, noted before it is done where doing it twice would not be the same: what tells afterwards whether
/// it was.
public struct Intent: Sendable {
    /// When it was noted, in seconds since 1970 and nanoseconds; plain numbers, since whose type `timespec` is depends on what
    /// else is imported.
    public let (seconds, nanoseconds): (Int, Int)
    /// What else tells, the filesystem's own.
    public let values: (UInt64, UInt64, UInt64, UInt64)

    /// An intent of now.
    public init(_ values: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        (seconds, nanoseconds) = (now.tv_sec, now.tv_nsec)
        self.values = values
    }

    /// Whether a time of a filesystem may be of something that was done after the intent was noted: filesystems go by a clock that ticks
    /// up to every 10 ms.
    public func mayPrecede(seconds: Int, nanoseconds: Int) -> Bool { distance(seconds, nanoseconds) >= -20_000_000 }

    /// Whether a time of a filesystem is later than the intent for certain.
    public func precedes(seconds: Int, nanoseconds: Int) -> Bool { distance(seconds, nanoseconds) > 0 }

    private func distance(_ seconds: Int, _ nanoseconds: Int) -> Int {
        let seconds = max(-1 << 32, min(1 << 32, seconds.subtractingReportingOverflow(self.seconds).partialValue))
        return seconds * 1_000_000_000 + nanoseconds - self.nanoseconds
    }
}
