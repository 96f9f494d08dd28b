public import Glibc

/// What a request was about to do, noted before it is done where doing it twice would not be the same: what tells afterwards whether
/// it was.
public struct Intent: Sendable {
    /// When it was noted.
    public let time: timespec
    /// What else tells, the filesystem's own.
    public let values: (UInt64, UInt64, UInt64, UInt64)

    /// An intent of now.
    public init(_ values: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        time = now
        self.values = values
    }

    /// Whether a time of a filesystem may be of something that was done after the intent was noted: filesystems go by a clock that ticks
    /// up to every 10 ms.
    public func mayPrecede(_ other: timespec) -> Bool { nanoseconds(to: other) >= -20_000_000 }

    /// Whether a time of a filesystem is later than the intent for certain.
    public func precedes(_ other: timespec) -> Bool { nanoseconds(to: other) > 0 }

    private func nanoseconds(to other: timespec) -> Int {
        let seconds = max(-1 << 32, min(1 << 32, other.tv_sec - time.tv_sec))
        return seconds * 1_000_000_000 + other.tv_nsec - time.tv_nsec
    }
}
