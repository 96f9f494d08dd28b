import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// What the server itself last had in each block of a copy that others may store to: it tells a store from a change of the source.
///
/// A hash of each block, and not its bytes, which would take as much memory again: 1.6 % of the file. It is in memory that the next
/// daemon can map. Guarded by the copy's `lock`.
final class BlockStates {
    /// Bytes of a block, a part of a page.
    static let blockSize = 512

    /// The memory, to be handed on.
    let descriptor: Int32
    /// Two words of a key, the copy's size in bytes, and the hashes.
    private var words: UnsafeMutablePointer<UInt64>
    private var capacity: Int

    private enum Place {
        static let key = 0
        static let size = 2
        static let hashes = 3
    }

    /// Room for the blocks of a copy of `size` bytes, of which nothing is known yet.
    init(room size: Int) throws(Errno) {
        let memory = DescriptorOwner(try systemCall { folio_shared_memory("foliofs-blocks") })
        capacity = Self.capacity(size)
        words = try Self.map(memory.descriptor, capacity)
        for index in 0..<2 { words[Place.key + index] = .random(in: 1 ... .max) }
        descriptor = memory.take()
    }

    /// What the last daemon knew of a copy, which is `size` bytes long now.
    init(takingOver descriptor: Int32, size: Int) throws(Errno) {
        capacity = Int(try StagedCopy.status(descriptor).st_size) / MemoryLayout<UInt64>.stride
        words = try Self.map(descriptor, capacity)
        self.descriptor = descriptor
        cut(to: size)
    }

    deinit {
        munmap(words, capacity * MemoryLayout<UInt64>.stride)
        close(descriptor)
    }

    /// Bytes of the copy.
    private(set) var size: Int {
        get { Int(words[Place.size]) }
        set { words[Place.size] = UInt64(newValue) }
    }

    /// Makes room for the blocks of a copy of `size` bytes.
    func reserve(_ size: Int) throws(Errno) {
        let wanted = Self.capacity(size)
        guard wanted > capacity else { return }
        let larger = try Self.map(descriptor, wanted)
        munmap(words, capacity * MemoryLayout<UInt64>.stride)
        (words, capacity) = (larger, wanted)
    }

    /// Notes bytes from `offset`, a multiple of the block size, on. Where they go beyond the end the copy has grown, for which there is room.
    func note(_ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) {
        for start in stride(from: 0, to: count, by: Self.blockSize) {
            words[index(offset + start)] = hash(bytes + start, min(Self.blockSize, count - start))
        }
        size = max(size, offset + count)
    }

    /// Whether a block has the bytes that were noted of it.
    func equals(_ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) -> Bool {
        words[index(offset)] == hash(bytes, count)
    }

    /// Forgets what is beyond a new end; the last block is to be noted again.
    func cut(to size: Int) { if size < self.size { self.size = size } }

    private func index(_ offset: Int) -> Int {
        let index = Place.hashes + offset / Self.blockSize
        precondition(index < capacity, "no room was reserved")
        return index
    }

    /// Folded products under a key that nobody knows.
    private func hash(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
        func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let product = a.multipliedFullWidth(by: b)
            return product.high ^ product.low
        }
        let (key, other) = (words[Place.key], words[Place.key + 1])
        var state = key ^ UInt64(count)
        let whole = count / 16 * 16
        for offset in stride(from: 0, to: whole, by: 16) {
            let first = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let second = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
            state = folded(state ^ first, other ^ second)
        }
        if whole < count {
            var rest: (UInt64, UInt64) = (0, 0)
            withUnsafeMutableBytes(of: &rest) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes + whole, count: count - whole))
            }
            state = folded(state ^ rest.0, other ^ rest.1)
        }
        return folded(state ^ other, key)
    }

    private static func capacity(_ size: Int) -> Int {
        let bytes = (Place.hashes + (size + blockSize - 1) / blockSize) * MemoryLayout<UInt64>.stride
        return DataLayout.pageRounded(bytes) / MemoryLayout<UInt64>.stride
    }

    private static func map(_ descriptor: Int32, _ capacity: Int) throws(Errno) -> UnsafeMutablePointer<UInt64> {
        let length = capacity * MemoryLayout<UInt64>.stride
        if try StagedCopy.status(descriptor).st_size < length {
            _ = try systemCall { ftruncate(descriptor, off_t(length)) }
        }
        let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory, memory != MAP_FAILED else { throw Errno(rawValue: errno) }
        return memory.bindMemory(to: UInt64.self, capacity: capacity)
    }
}
