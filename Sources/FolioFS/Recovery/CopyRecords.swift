/// The staged copies that daemons hand on: those that somebody has open or mapped. Of the others new ones are made.
final class CopyRecords: Sendable {
    private static let capacity = 1 << 16
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer
    private let places = LockedState<(free: [UInt32], limit: UInt32)>(([], 0))

    init(_ base: UnsafeMutableRawPointer) {
        self.base = base
        places.withLock { places in
            while places.limit < Self.capacity, record(places.limit).wasUsed {
                let record = record(places.limit)
                if record.isInUse, record.source < 0 { record.end() }
                if !record.isInUse { places.free.append(places.limit) }
                places.limit += 1
            }
        }
    }

    private func record(_ index: UInt32) -> CopyRecord { CopyRecord(base + Int(index) * CopyRecord.size, index) }

    /// A record for a new copy; nil: there are too many.
    func allocate() -> CopyRecord? {
        places.withLock { places -> CopyRecord? in
            if let old = places.free.popLast() { return record(old) }
            guard places.limit < Self.capacity else { return nil }
            places.limit += 1
            // Never used, it would end the search for those that are.
            record(places.limit - 1).end()
            return record(places.limit - 1)
        }
    }

    /// Its copy is gone.
    func free(_ record: CopyRecord) {
        record.end()
        places.withLock { $0.free.append(record.index) }
    }

    /// Calls `body` with each that is in use.
    func forEach(_ body: (CopyRecord) -> Void) {
        for index in 0..<places.withLock(\.limit) where record(index).isInUse { body(record(index)) }
    }
}
