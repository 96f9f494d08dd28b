import Glibc
import LinuxFacts
import SystemPackage

/// Open descriptors of what was used lately, no more of them than a limit; used pinned, so that none is closed under a call.
///
/// What has not been used since the last round goes first (the clock algorithm).
final class DescriptorCache: Sendable {
    /// No place in the cache.
    static let noPlace: UInt32 = .max

    fileprivate struct Place {
        /// Whose it is; nil: free, or dropped while somebody uses it.
        unowned(unsafe) var holder: CachedDescriptor?
        var descriptor: Int32 = -1
        var pins: Int32 = 0
        var usedLately = false
    }

    fileprivate struct Shard {
        var places: [Place] = []
        var free: [UInt32] = []
        var hand = 0
        var open: Int { places.count - free.count }
    }

    private static let shardCount = 16
    private let shards: [LockedState<Shard>]
    private let shardLimit: Int

    /// A cache of at most `limit` descriptors.
    init(limit: Int) {
        shardLimit = max(1, limit / Self.shardCount)
        shards = (0..<Self.shardCount).map { _ in LockedState(Shard()) }
    }

    /// How many descriptors it has open.
    var count: Int { shards.reduce(0) { $0 + $1.withLock(\.open) } }

    @inline(__always)
    private func shard(_ holder: CachedDescriptor) -> LockedState<Shard> {
        let address = UInt(bitPattern: Unmanaged.passUnretained(holder).toOpaque())
        return shards[Int(truncatingIfNeeded: (address >> 4 ^ address >> 12) & UInt(Self.shardCount - 1))]
    }

    /// A descriptor in use, not closed before `unpin`.
    struct Pin {
        let descriptor: Int32
        fileprivate let place: UInt32
        fileprivate let shard: LockedState<Shard>
    }

    /// Calls `body` with a descriptor of `holder`, open as long as `body` runs.
    @inline(__always)
    func with<Value>(
        _ holder: CachedDescriptor, _ body: (Int32) throws(Errno) -> Value
    ) throws(Errno) -> Value {
        let pin = try pin(holder)
        defer { unpin(pin) }
        return try body(pin.descriptor)
    }

    /// A descriptor of `holder` to be used until `unpin`.
    func pin(_ holder: CachedDescriptor) throws(Errno) -> Pin {
        let shard = shard(holder)
        let (place, descriptor) = try pin(holder, shard)
        return Pin(descriptor: descriptor, place: place, shard: shard)
    }

    /// Ends a use.
    func unpin(_ pin: Pin) { unpin(pin.place, pin.descriptor, pin.shard) }

    /// - Returns: the place, or `noPlace` where all are in use and the descriptor is the caller's alone.
    @inline(__always)
    private func pin(_ holder: CachedDescriptor, _ shard: LockedState<Shard>) throws(Errno) -> (UInt32, Int32) {
        let cached = shard.withLock { shard -> (UInt32, Int32) in
            let place = holder.cachePlace
            guard place != Self.noPlace else { return (place, -1) }
            shard.places[Int(place)].pins += 1
            shard.places[Int(place)].usedLately = true
            return (place, shard.places[Int(place)].descriptor)
        }
        if cached.1 >= 0 { return cached }
        return insert(holder, try holder.openDescriptor(), pins: 1, shard)
    }

    private func insert(
        _ holder: CachedDescriptor, _ descriptor: Int32, pins: Int32, _ shard: LockedState<Shard>
    ) -> (UInt32, Int32) {
        var surplus: Int32 = -1
        defer { if surplus >= 0 { close(surplus) } }
        return shard.withLock { shard in
            // Another thread may have been faster.
            if holder.cachePlace != Self.noPlace {
                surplus = descriptor
                let place = holder.cachePlace
                shard.places[Int(place)].pins += pins
                return (place, shard.places[Int(place)].descriptor)
            }
            var place = shard.free.popLast()
            if place == nil, shard.places.count < shardLimit {
                shard.places.append(Place())
                place = UInt32(shard.places.count - 1)
            }
            if place == nil, let victim = Self.evict(&shard) {
                surplus = victim
                place = shard.free.popLast()
            }
            guard let place else { return (Self.noPlace, descriptor) }
            shard.places[Int(place)] = Place(holder: holder, descriptor: descriptor, pins: pins, usedLately: true)
            holder.cachePlace = place
            holder.wasCached = true
            return (place, descriptor)
        }
    }

    private func unpin(_ place: UInt32, _ descriptor: Int32, _ shard: LockedState<Shard>) {
        guard place != Self.noPlace else {
            close(descriptor)
            return
        }
        let dropped = shard.withLock { shard in
            shard.places[Int(place)].pins -= 1
            guard shard.places[Int(place)].holder == nil, shard.places[Int(place)].pins == 0 else { return false }
            shard.free.append(place)
            return true
        }
        if dropped { close(descriptor) }
    }

    /// Gives the cache a descriptor of `holder`; where there is no room it is closed, and opened when it is needed.
    func adopt(_ holder: CachedDescriptor, _ descriptor: Int32) {
        let (place, descriptor) = insert(holder, descriptor, pins: 0, shard(holder))
        if place == Self.noPlace { close(descriptor) }
    }

    /// Closes what is open of `holder`, now or when its last user is done.
    func drop(_ holder: CachedDescriptor) {
        let descriptor = shard(holder).withLock { shard -> Int32 in
            let place = holder.cachePlace
            guard place != Self.noPlace else { return -1 }
            holder.cachePlace = Self.noPlace
            shard.places[Int(place)].holder = nil
            guard shard.places[Int(place)].pins == 0 else { return -1 }
            shard.free.append(place)
            return shard.places[Int(place)].descriptor
        }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Closes up to `wanted` descriptors that nobody uses.
    ///
    /// - Returns: how many.
    func evict(_ wanted: Int) -> Int {
        var closed = 0
        for shard in shards {
            let share = max(1, wanted / Self.shardCount)
            let victims = shard.withLock { shard in
                var victims: [Int32] = []
                while victims.count < share, let victim = Self.evict(&shard) { victims.append(victim) }
                return victims
            }
            for victim in victims { close(victim) }
            closed += victims.count
        }
        return closed
    }

    /// Frees a place that nobody uses.
    ///
    /// - Returns: its descriptor, to be closed; nil: all are in use.
    private static func evict(_ shard: inout Shard) -> Int32? {
        for _ in 0..<shard.places.count * 2 {
            let place = shard.hand
            shard.hand = place + 1 == shard.places.count ? 0 : place + 1
            guard let holder = shard.places[place].holder, shard.places[place].pins == 0 else { continue }
            guard !shard.places[place].usedLately else {
                shard.places[place].usedLately = false
                continue
            }
            guard holder.mayClose(shard.places[place].descriptor) else { continue }
            holder.cachePlace = noPlace
            shard.places[place].holder = nil
            shard.free.append(UInt32(place))
            return shard.places[place].descriptor
        }
        return nil
    }
}
