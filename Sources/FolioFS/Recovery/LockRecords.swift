/// Who holds record locks, as daemons hand it on; what is held the kernel says of the descriptor.
final class LockRecords: Sendable {
    private static let capacity = 1 << 20
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer
    private let places = LockedState<(free: [UInt32], limit: UInt32)>(([], 0))

    init(_ base: UnsafeMutableRawPointer) {
        self.base = base
        places.withLock { places in
            while places.limit < Self.capacity, record(places.limit).wasUsed {
                if !record(places.limit).isInUse { places.free.append(places.limit) }
                places.limit += 1
            }
        }
    }

    private func record(_ index: UInt32) -> LockRecord { LockRecord(base + Int(index) * LockRecord.size, index) }

    /// A record of an owner; nil: there are too many.
    func begin(_ inode: Inode, owner: UInt64, descriptor: Int32, process: Int32) -> LockRecord? {
        let index = places.withLock { places -> UInt32? in
            if let old = places.free.popLast() { return old }
            guard places.limit < Self.capacity else { return nil }
            places.limit += 1
            // Never used, it would end the search for those that are.
            record(places.limit - 1).end()
            return places.limit - 1
        }
        guard let index else { return nil }
        let owned = record(index)
        owned.begin(generation: inode.generation, owner: owner, descriptor: descriptor, process: process)
        return owned
    }

    func end(_ record: LockRecord) {
        record.end()
        places.withLock { $0.free.append(record.index) }
    }

    /// Calls `body` with each that is in use.
    func forEach(_ body: (LockRecord) -> Void) {
        for index in 0..<places.withLock(\.limit) where record(index).isInUse { body(record(index)) }
    }
}
