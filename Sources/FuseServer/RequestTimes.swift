import CFuse3
import Glibc
import Synchronization

/// Counts requests by operation and by how long each took.
///
/// A thread that answers requests has a table of its own, on cache lines of its own, to which it alone adds; so adding takes no
/// locked instruction. Whoever asks reads all tables, between two stores of a thread perhaps. Tables outlive their threads, and with a
/// `RecoveryMemory` their daemon.
final class RequestTimes: Sendable {
    /// What one thread counts: for each operation its buckets, and then the nanoseconds.
    struct Table: @unchecked Sendable {
        /// Operations of higher numbers are counted as 0, which the kernel does not use.
        static let operations = 64
        private static let wordsEach = 32
        /// Bytes, a whole number of cache lines.
        static let size = operations * wordsEach * MemoryLayout<UInt64>.size
        static let alignment = 128

        private let words: UnsafeMutablePointer<Atomic<UInt64>>

        /// A table in `memory`, aligned and of `size` bytes, that is zero or was a table before.
        init(_ memory: UnsafeMutableRawPointer) {
            words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: Self.size / MemoryLayout<UInt64>.size)
        }

        private static func row(_ operation: UInt32) -> Int {
            (operation < operations ? Int(operation) : 0) * wordsEach
        }

        /// Counts one request; by the table's own thread alone.
        @inline(__always)
        func add(_ operation: UInt32, nanoseconds: UInt64) {
            let row = Self.row(operation)
            Self.add(1, to: words + row + RequestHistogram.bucket(nanoseconds))
            Self.add(nanoseconds, to: words + row + RequestHistogram.mostBuckets)
        }

        @inline(__always)
        private static func add(_ count: UInt64, to word: UnsafeMutablePointer<Atomic<UInt64>>) {
            word.pointee.store(word.pointee.load(ordering: .relaxed) &+ count, ordering: .relaxed)
        }

        /// The buckets of an operation, and the nanoseconds after them.
        func counts(of operation: UInt32) -> [UInt64] {
            let row = Self.row(operation)
            return (0...RequestHistogram.mostBuckets).map { words[row + $0].load(ordering: .relaxed) }
        }
    }

    private struct Tables {
        var all: [Table] = []
        var free: [Table] = []
        var allocated: [UnsafeMutableRawPointer] = []
    }

    private let recovery: RecoveryMemory?
    private let tables: Mutex<Tables>

    /// Nothing counted but what earlier daemons have left in `recovery`.
    init(_ recovery: RecoveryMemory? = nil) {
        self.recovery = recovery
        let left = recovery?.requestTables ?? []
        tables = Mutex(Tables(all: left, free: left))
    }

    deinit { tables.withLock { for memory in $0.allocated { memory.deallocate() } } }

    /// A table for the calling thread, for as long as it answers requests.
    func join() -> Table {
        tables.withLock { tables in
            if let free = tables.free.popLast() { return free }
            let table: Table
            if let shared = recovery?.addRequestTable() {
                table = shared
            } else {
                let memory = UnsafeMutableRawPointer.allocate(byteCount: Table.size, alignment: Table.alignment)
                memset(memory, 0, Table.size)
                tables.allocated.append(memory)
                table = Table(memory)
            }
            tables.all.append(table)
            return table
        }
    }

    /// Gives a table back; what it has counted stays.
    func leave(_ table: Table) { tables.withLock { $0.free.append(table) } }

    /// What has been answered so far, by operation.
    var histograms: [RequestOperation: RequestHistogram] {
        let all = tables.withLock { $0.all }
        var histograms: [RequestOperation: RequestHistogram] = [:]
        for operation in 0..<UInt32(Table.operations) {
            let counts = all.map { $0.counts(of: operation) }.reduce(into: [UInt64]()) { sum, counts in
                sum = sum.isEmpty ? counts : zip(sum, counts).map { $0 &+ $1 }
            }
            guard let nanoseconds = counts.last else { continue }
            let histogram = RequestHistogram(buckets: Array(counts.dropLast()), nanoseconds: nanoseconds)
            if histogram.count > 0 { histograms[RequestOperation(rawValue: operation)] = histogram }
        }
        return histograms
    }

    /// Now, in nanoseconds of the monotonic clock.
    @inline(__always)
    static func now() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }
}
