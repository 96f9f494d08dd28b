/// How often a file must have been opened of late: "at least `opens` times within `within` seconds", this open among them.
public struct OpenHeat: Hashable, Sendable {
    /// The most opens that can be asked for.
    public static let mostOpens = 64

    /// From 1 to `mostOpens`.
    public var opens: Int
    /// In seconds, 1 or more.
    public var within: Int

    /// A heat from its parts.
    public init(opens: Int, within: Int) {
        self.opens = opens
        self.within = within
    }
}

/// When a file was opened of late, for `OpenHeat`: as many times as some rule counts.
public struct OpenTimes: Hashable, Sendable {
    /// Seconds of a clock that never goes back, the last one last.
    private var times: [UInt32] = []

    /// Of a file that has not been opened.
    public init() {}

    /// Whether there is nothing to remember.
    public var isEmpty: Bool { times.isEmpty }

    /// Takes note of an open at `now`, in seconds, and forgets all but the last `most`.
    public mutating func opened(at now: Int, keeping most: Int) {
        times.append(UInt32(truncatingIfNeeded: now))
        if times.count > most { times.removeFirst(times.count - most) }
    }

    /// Whether the opens up to `now` are as many as `heat` asks for.
    public func reach(_ heat: OpenHeat, at now: Int) -> Bool {
        guard times.count >= heat.opens else { return false }
        return Int(UInt32(truncatingIfNeeded: now) &- times[times.count - heat.opens]) <= heat.within
    }
}
