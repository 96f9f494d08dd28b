/// A record of what daemons hand on, in a table of such.
protocol TableRecord {
    /// Bytes of each.
    static var size: Int { get }

    /// The one at `index`, which is at `base`.
    init(_ base: UnsafeMutableRawPointer, _ index: UInt32)

    var index: UInt32 { get }
    /// Whether it was ever in use: the first that was not is the end of the table.
    var wasUsed: Bool { get }
    var isInUse: Bool { get }
    /// Whether the next daemon can do nothing with it.
    var isLost: Bool { get }

    /// Is in use no more.
    func end()
}

/// Records of one kind that daemons hand on.
final class RecordTable<Record: TableRecord>: Sendable {
    private let capacity: UInt32
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer
    private let places = LockedState<(free: [UInt32], limit: UInt32)>(([], 0))

    /// The table at `base`, with what the last daemon left there.
    init(_ base: UnsafeMutableRawPointer, capacity: UInt32) {
        self.base = base
        self.capacity = capacity
        places.withLock { places in
            while places.limit < capacity, record(places.limit).wasUsed {
                let record = record(places.limit)
                if record.isInUse, record.isLost { record.end() }
                if !record.isInUse { places.free.append(places.limit) }
                places.limit += 1
            }
        }
    }

    private func record(_ index: UInt32) -> Record { Record(base + Int(index) * Record.size, index) }

    /// A record that is in use once it is begun; nil: there are too many.
    func allocate() -> Record? {
        places.withLock { places -> Record? in
            if let old = places.free.popLast() { return record(old) }
            guard places.limit < capacity else { return nil }
            places.limit += 1
            // Never used, it would end the search for those that are.
            record(places.limit - 1).end()
            return record(places.limit - 1)
        }
    }

    /// What it told of is gone.
    func free(_ record: Record) {
        record.end()
        places.withLock { $0.free.append(record.index) }
    }

    /// Calls `body` with each that is in use.
    func forEach(_ body: (Record) -> Void) {
        for index in 0..<places.withLock(\.limit) where record(index).isInUse { body(record(index)) }
    }
}
