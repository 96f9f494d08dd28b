/// How many requests of one operation have been answered, and how long each took: from the return of the read(2) that
/// brought it until its answer was written.
public struct RequestHistogram: Hashable, Codable, Sendable {
    /// Requests answered.
    public let count: UInt64
    /// What they took together, in nanoseconds of the monotonic clock.
    public let nanoseconds: UInt64
    /// Requests by the time they took: bucket 0 has those of at most 1 µs, bucket `i` those of more than 2^(i-1) and at most 2^i µs,
    /// the last of `mostBuckets` everything longer. Empty ones at the end are left out.
    public let buckets: [UInt64]

    /// How many buckets there are at most. All but the last have a limit, of which the highest is 2^24 µs: 17 seconds.
    public static let mostBuckets = 26

    /// A histogram from what its buckets hold.
    public init(buckets: [UInt64] = [], nanoseconds: UInt64 = 0) {
        let used = (buckets.lastIndex { $0 != 0 } ?? -1) + 1
        self.buckets = Array(buckets[..<used])
        self.nanoseconds = nanoseconds
        count = buckets.reduce(0, &+)
    }

    /// The bucket of a request that took so many nanoseconds.
    @inline(__always)
    static func bucket(_ nanoseconds: UInt64) -> Int {
        let begun = (max(nanoseconds, 1) - 1) / 1000
        return min(UInt64.bitWidth - begun.leadingZeroBitCount, mostBuckets - 1)
    }

    /// The longest time of a bucket, in microseconds; nil: it has no limit.
    public static func limit(ofBucket bucket: Int) -> UInt64? {
        bucket < mostBuckets - 1 ? 1 << UInt64(bucket) : nil
    }

    /// The least limit, in microseconds, that a share of the requests took no longer than: 0.5 for the median, 0.99 for the 99th
    /// percentile.
    ///
    /// What is in a bucket is not told apart: the true value may be as little as half of it.
    /// - Returns: nil where none was answered, or where it is beyond the highest limit.
    public func quantile(_ share: Double) -> UInt64? {
        let wanted = max(1, UInt64((Double(count) * share).rounded(.up)))
        var reached: UInt64 = 0
        for (bucket, requests) in buckets.enumerated() {
            reached += requests
            if reached >= wanted { return Self.limit(ofBucket: bucket) }
        }
        return nil
    }

    /// What has come since an earlier look at the same operation; all of it where that has more, as after a server that was
    /// started anew.
    public func since(_ earlier: RequestHistogram) -> RequestHistogram {
        guard earlier.count <= count else { return self }
        let before = earlier.buckets + Array(repeating: 0, count: max(0, buckets.count - earlier.buckets.count))
        return RequestHistogram(
            buckets: zip(buckets, before).map { $0 > $1 ? $0 - $1 : 0 },
            nanoseconds: nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0)
    }
}
