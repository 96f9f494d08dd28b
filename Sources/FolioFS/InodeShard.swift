import Glibc

/// A part of the inode table: a hash table of addresses with linear probing, 8 bytes a place.
///
/// A place holds an inode's address and, in the bits that an address leaves free, the top 20 bits of its hash: a search
/// touches no inode whose hash differs, and growing touches none at all.
struct InodeShard {
    private var places: UnsafeMutableBufferPointer<UInt64>
    /// log2 of the number of places.
    private var bits: Int
    /// Inodes in it.
    private(set) var count = 0
    /// Inodes that were ever put in: the source of generations.
    var created: UInt64 = 0

    private static let leastBits = 6
    private static let tagMask: UInt64 = 0xffff_0000_0000_000f

    init() {
        bits = Self.leastBits
        places = Self.allocate(bits)
    }

    private static func allocate(_ bits: Int) -> UnsafeMutableBufferPointer<UInt64> {
        let places = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 1 << bits)
        places.initialize(repeating: 0)
        return places
    }

    /// Frees the places; not the inodes.
    func deallocate() { places.deallocate() }

    @inline(__always)
    private static func tag(_ hash: UInt64) -> UInt64 { (hash & 0xffff_0000_0000_0000) | ((hash >> 44) & 15) }

    @inline(__always)
    private func home(_ place: UInt64) -> Int {
        let top = Int((place >> 48) << 4 | place & 15)
        return bits <= 20 ? top >> (20 - bits) : top << (bits - 20)
    }

    @inline(__always)
    private static func inode(_ place: UInt64) -> Unmanaged<Inode>? {
        UnsafeRawPointer(bitPattern: UInt(place & ~tagMask)).map { Unmanaged<Inode>.fromOpaque($0) }
    }

    /// The inode of that hash for which `matches` says so.
    @inline(__always)
    func find(_ hash: UInt64, _ matches: (Inode) -> Bool) -> Inode? {
        let tag = Self.tag(hash)
        let mask = places.count - 1
        var index = home(tag)
        while places[index] != 0 {
            if places[index] & Self.tagMask == tag, let inode = Self.inode(places[index]),
                inode._withUnsafeGuaranteedRef({ matches($0) })
            {
                return inode.takeUnretainedValue()
            }
            index = (index + 1) & mask
        }
        return nil
    }

    /// Puts an inode in that is not there; the caller keeps it alive.
    mutating func insert(_ hash: UInt64, _ inode: Inode) {
        if (count + 1) * 4 > places.count * 3 { resize(bits + 1) }
        let address = UInt64(UInt(bitPattern: Unmanaged.passUnretained(inode).toOpaque()))
        precondition(address & Self.tagMask == 0, "an address of 48 bits, a multiple of 16")
        place(Self.tag(hash) | address)
        count += 1
    }

    private func place(_ value: UInt64) {
        let mask = places.count - 1
        var index = home(value)
        while places[index] != 0 { index = (index + 1) & mask }
        places[index] = value
    }

    /// Takes an inode out; nothing where it is not there.
    mutating func remove(_ hash: UInt64, _ inode: Inode) {
        let address = UInt64(UInt(bitPattern: Unmanaged.passUnretained(inode).toOpaque()))
        let value = Self.tag(hash) | address
        let mask = places.count - 1
        var hole = home(value)
        while places[hole] != value {
            guard places[hole] != 0 else { return }
            hole = (hole + 1) & mask
        }
        // What follows and would not be found across the hole moves into it.
        var next = (hole + 1) & mask
        while places[next] != 0 {
            if (next - home(places[next])) & mask >= (next - hole) & mask {
                places[hole] = places[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        places[hole] = 0
        count -= 1
        if count * 8 < places.count, bits > Self.leastBits { resize(bits - 1) }
    }

    private mutating func resize(_ newBits: Int) {
        let old = places
        bits = newBits
        places = Self.allocate(newBits)
        for value in old where value != 0 { place(value) }
        old.deallocate()
    }

    /// Calls `body` with each inode.
    func forEach(_ body: (Inode) -> Void) {
        for value in places where value != 0 { Self.inode(value)?._withUnsafeGuaranteedRef { body($0) } }
    }

    /// Whether an inode of that address is in it; the address need not be that of anything.
    func contains(address: UInt64) -> Bool {
        address & Self.tagMask == 0 && address != 0 && places.contains { $0 & ~Self.tagMask == address }
    }
}
