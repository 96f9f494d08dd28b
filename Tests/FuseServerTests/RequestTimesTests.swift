import Testing

@testable import FuseServer

@Suite("requests and how long they took")
struct RequestTimesTests {
    @Test("a bucket holds what is above the limit of the one before, up to its own")
    func limits() {
        for bucket in 0..<RequestHistogram.mostBuckets - 1 {
            let limit = UInt64(1000) << UInt64(bucket)
            #expect(RequestHistogram.limit(ofBucket: bucket).map { $0 * 1000 } == limit)
            #expect(RequestHistogram.bucket(limit) == bucket)
            #expect(RequestHistogram.bucket(limit + 1) == bucket + 1)
        }
        #expect(RequestHistogram.bucket(0) == 0)
        #expect(RequestHistogram.bucket(.max) == RequestHistogram.mostBuckets - 1)
        #expect(RequestHistogram.limit(ofBucket: RequestHistogram.mostBuckets - 1) == nil)
    }

    @Test(
        "a quantile is the least limit that the share keeps",
        arguments: [
            ([], 0.5, nil), ([1], 0.5, 1), ([0, 0, 1], 0.01, 4), ([50, 50], 0.5, 1), ([49, 51], 0.5, 2),
            ([99, 0, 0, 1], 0.99, 1), ([98, 0, 0, 2], 0.99, 8), ([1, 0, 0, 1], 1, 8),
            (Array(repeating: 0, count: 25) + [1], 0.5, nil),
        ] as [([UInt64], Double, UInt64?)])
    func quantiles(buckets: [UInt64], share: Double, limit: UInt64?) {
        #expect(RequestHistogram(buckets: buckets).quantile(share) == limit)
    }

    @Test("what came since is the difference, and everything where a server began anew")
    func since() {
        let first = RequestHistogram(buckets: [1, 0, 2], nanoseconds: 7000)
        let second = RequestHistogram(buckets: [1, 3, 2, 1], nanoseconds: 20_000)
        #expect(second.since(first) == RequestHistogram(buckets: [0, 3, 0, 1], nanoseconds: 13_000))
        #expect(second.since(second) == RequestHistogram())
        #expect(first.since(second) == first)
        #expect(RequestHistogram(buckets: [0, 0]).buckets.isEmpty)
    }

    @Test("what threads count is summed up, also when they have left, and a table that is given back is used again")
    func threads() {
        let times = RequestTimes()
        let (lookup, read) = (RequestOperation(rawValue: 1), RequestOperation(rawValue: 15))
        let first = times.join()
        let second = times.join()
        first.add(lookup.rawValue, nanoseconds: 900)
        second.add(lookup.rawValue, nanoseconds: 3500)
        second.add(read.rawValue, nanoseconds: 1)
        second.add(4096, nanoseconds: 1)
        times.leave(first)
        let third = times.join()
        third.add(lookup.rawValue, nanoseconds: 1100)
        #expect(
            times.histograms == [
                lookup: RequestHistogram(buckets: [1, 1, 1], nanoseconds: 5500),
                read: RequestHistogram(buckets: [1], nanoseconds: 1),
                RequestOperation(rawValue: 0): RequestHistogram(buckets: [1], nanoseconds: 1),
            ])
    }

    @Test("with memory that daemons share, the next goes on counting")
    func recovery() throws {
        let memory = try RecoveryMemory(filesystemForm: 1)
        let daemon = RequestTimes(memory)
        for _ in 0..<2 { daemon.join().add(1, nanoseconds: 1500) }
        let next = RequestTimes(try RecoveryMemory(left: memory.descriptor, filesystemForm: 1))
        let tables = (0..<3).map { _ in next.join() }
        for table in tables { table.add(1, nanoseconds: 500) }
        #expect(
            next.histograms == [
                RequestOperation(rawValue: 1): RequestHistogram(buckets: [3, 2], nanoseconds: 4500)
            ])
        #expect(memory.requestTables.count == 3)
    }

    @Test("operations are known by the kernel's words")
    func names() {
        #expect(RequestOperation(rawValue: 42).name == "batch-forget")
        #expect(RequestOperation(rawValue: 53).name == "copy-file-range-64")
        #expect(RequestOperation(rawValue: 19).name == "operation-19")
        #expect(RequestOperation(rawValue: 4096).name == "operation-4096")
        for number in 0..<UInt32(60) {
            let operation = RequestOperation(rawValue: number)
            let isNamed = !operation.name.hasPrefix("operation-")
            #expect(RequestOperation(name: operation.name) == (isNamed ? operation : nil))
        }
        #expect(RequestOperation(name: "") == nil)
    }
}
