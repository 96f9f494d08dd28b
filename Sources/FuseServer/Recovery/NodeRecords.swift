import CLinuxShims
import Glibc
import SystemPackage

/// The nodes that the kernel knows, as daemons hand them on: how often each was looked up, and what the filesystem says of it.
///
/// Nodes are in shards, each of which the filesystem guards. A record is in use from the store of its whole generation on: a number that grows
/// with each use in the upper half, the record's own in the lower, which is zero while it is free.
///
/// It is addresses and nothing else, so that to look at a record counts no references; `RecoveryMemory` never goes.
public struct NodeRecords: @unchecked Sendable {
    /// How many shards there are.
    public static let shardCount = 64
    /// Bytes that the filesystem may say of a node.
    public static let payloadSize = 104
    static let size = 128
    static let capacity = 1 << 27
    /// Bytes of records whose memory is had at a time: one page fault for each 32 nodes takes a tenth of a microsecond a node.
    private static let extent = 1 << 18

    private enum Field {
        static let generation = 0
        static let lookups = 8
        /// What it stands for in the daemon that serves.
        static let object = 16
        static let payload = 24
    }

    private let memory: UnsafeMutableRawPointer
    private let base: UnsafeMutableRawPointer
    /// For each shard, how many of its records were ever in use.
    private let limits: UnsafeMutableRawPointer
    /// The offset up to which this process has had memory for records, a word.
    private let extended: UnsafeMutableRawPointer
    /// Of each shard, guarded as it is.
    private let free: UnsafeMutablePointer<[UInt32]>

    /// - Parameters:
    ///   - memory: what daemons hand on, which has the records at `offset`.
    ///   - limits: where in it is how many there are.
    init(_ memory: UnsafeMutableRawPointer, at offset: Int, limits: Int) {
        self.memory = memory
        base = memory + offset
        self.limits = memory + limits
        extended = .allocate(byteCount: 8, alignment: 8)
        extended.setWord(0, 0)
        free = .allocate(capacity: Self.shardCount)
        free.initialize(repeating: [], count: Self.shardCount)
    }

    @inline(__always)
    func record(_ index: UInt32) -> UnsafeMutableRawPointer { base + Int(index) * Self.size }

    /// The number by which the kernel names the node of a record.
    @inline(__always)
    public static func node(_ index: UInt32) -> NodeID { NodeID(rawValue: (UInt64(index) + 1) << 4) }

    /// The record of a node other than the root; it need not be in use.
    @inline(__always)
    public static func index(_ node: NodeID) -> UInt32? {
        let number = node.rawValue >> 4
        return node.rawValue & 15 == 0 && number > 0 && number <= UInt64(capacity) ? UInt32(number - 1) : nil
    }

    /// The record of a node by the generation that it was given.
    @inline(__always)
    public static func index(generation: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: generation) &- 1 }

    /// What a node stands for in this process.
    @inline(__always)
    public func object(_ index: UInt32) -> UnsafeRawPointer? {
        UnsafeRawPointer(bitPattern: UInt(record(index).word(Field.object)))
    }

    /// Says what a node stands for in this process.
    public func setObject(_ index: UInt32, _ object: UnsafeRawPointer?) {
        record(index).setWord(Field.object, UInt64(UInt(bitPattern: object)))
    }

    /// What the filesystem says of a node, `payloadSize` bytes.
    @inline(__always)
    public func payload(_ index: UInt32) -> UnsafeMutableRawPointer { record(index) + Field.payload }

    /// How often the kernel has looked a node up, less what it gave back.
    @inline(__always)
    public func lookups(_ index: UInt32) -> UInt64 { record(index).word(Field.lookups) }

    /// The generation of a node; 0: the record is not in use.
    @inline(__always)
    public func generation(_ index: UInt32) -> UInt64 {
        let generation = record(index).word(Field.generation)
        return UInt32(truncatingIfNeeded: generation) == 0 ? 0 : generation
    }

    /// A record for a new node of a shard, which is guarded. Its payload is to be filled in before `begin`.
    /// - Returns: the record and a generation that no other node has or had.
    public func allocate(_ shard: Int) -> (index: UInt32, generation: UInt64)? {
        let index: UInt32
        if let old = free[shard].popLast() {
            index = old
        } else {
            let count = limits.word(shard * 8)
            guard count < UInt64(Self.capacity / Self.shardCount) else { return nil }
            limits.setWord(shard * 8, count + 1)
            index = UInt32(count) * UInt32(Self.shardCount) + UInt32(shard)
            extend(to: index)
        }
        let record = record(index)
        let use = ((record.word(Field.generation) >> 32) + 1) & 0x7fff_ffff
        record.setWord(Field.generation, use << 32)
        record.setWord(Field.lookups, 0)
        return (index, use << 32 | UInt64(index) + 1)
    }

    /// Has memory for a record that was never in use, and for those around it. Two shards may do so at once.
    @inline(__always)
    private func extend(to index: UInt32) {
        let offset = Int(index) * Self.size
        guard offset >= extended.word(0) else { return }
        let start = offset & ~(Self.extent - 1)
        extended.setWord(0, UInt64(start + Self.extent))
        _ = folio_populate(base + start, Self.extent)
    }

    /// A new node is looked up for the first time.
    @inline(__always)
    public func begin(_ index: UInt32, generation: UInt64) {
        grant(index)
        record(index).setWord(Field.generation, generation)
    }

    /// A node of a guarded shard is looked up once more by the request that this thread handles: it counts once the answer has
    /// been given.
    @inline(__always)
    public func grant(_ index: UInt32) {
        let after = lookups(index) + 1
        guard let desk = Desk.current else { return record(index).setWord(Field.lookups, after) }
        desk.grant(index, record(index) + Field.lookups, after, memory)
    }

    /// Whether this request can look up another node: an answer that names very many is not made longer.
    public var canGrant: Bool { Desk.current?.hasRoomForGrants ?? true }

    /// A node of a guarded shard is looked up `count` times less: the kernel gives it back, or the request's own lookup came to
    /// nothing.
    public func giveBack(_ index: UInt32, count: UInt64) {
        let before = lookups(index)
        let after = before - min(count, before)
        guard let desk = Desk.current else { return record(index).setWord(Field.lookups, after) }
        desk.giveBack(index, record(index) + Field.lookups, after, memory)
    }

    /// Nobody knows a node of a guarded shard any more.
    public func end(_ index: UInt32) {
        release(index)
        free[Int(index) % Self.shardCount].append(index)
    }

    private func release(_ index: UInt32) {
        let record = record(index)
        record.setWord(Field.generation, record.word(Field.generation) & ~0xffff_ffff)
        record.setWord(Field.object, 0)
    }

    /// Calls `body` with every node in use, and finds those that are free. While nobody else has anything to do with them.
    public func takeOver(_ body: (_ index: UInt32, _ generation: UInt64, _ lookups: UInt64) -> Void) {
        for shard in 0..<Self.shardCount {
            free[shard] = []
            for place in 0..<UInt32(limits.word(shard * 8)) {
                let index = place * UInt32(Self.shardCount) + UInt32(shard)
                let generation = generation(index)
                let lookups = lookups(index)
                guard generation != 0, lookups > 0 else {
                    release(index)
                    free[shard].append(index)
                    continue
                }
                setObject(index, nil)
                body(index, generation, lookups)
            }
        }
    }

    /// Calls `body` with every node in use.
    public func forEach(_ body: (_ index: UInt32) -> Void) {
        for shard in 0..<Self.shardCount {
            for place in 0..<UInt32(limits.word(shard * 8)) {
                let index = place * UInt32(Self.shardCount) + UInt32(shard)
                if generation(index) != 0 { body(index) }
            }
        }
    }

    // MARK: Without a filesystem

    /// The kernel gives back lookups before there is a filesystem to be told.
    func giveBackUnattended(_ node: NodeID, count: UInt64) {
        guard let index = Self.index(node), generation(index) != 0 else { return }
        giveBack(index, count: count)
    }
}
