/// What the server itself last had in each block of a copy that others may store to: it tells a store from a change of the source.
///
/// A hash of each block, and not its bytes, which would take as much memory again: 1.6 % of the file.
struct BlockStates {
    /// Bytes of a block, a part of a page.
    static let blockSize = 512

    /// Bytes of the copy.
    private(set) var size = 0
    private var hashes: [Int] = []

    /// Notes bytes from `offset`, a multiple of the block size, on. Where they go beyond the end the copy has grown.
    mutating func note(_ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) {
        size = max(size, offset + count)
        let missing = (size + Self.blockSize - 1) / Self.blockSize - hashes.count
        if missing > 0 { hashes.append(contentsOf: repeatElement(0, count: missing)) }
        for start in stride(from: 0, to: count, by: Self.blockSize) {
            hashes[(offset + start) / Self.blockSize] = Self.hash(bytes + start, min(Self.blockSize, count - start))
        }
    }

    /// Whether a block has the bytes that were noted of it.
    func equals(_ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) -> Bool {
        let index = offset / Self.blockSize
        return index < hashes.count && hashes[index] == Self.hash(bytes, count)
    }

    /// Forgets what is beyond a new end; the last block is to be noted again.
    mutating func cut(to size: Int) {
        guard size < self.size else { return }
        self.size = size
        hashes.removeLast(hashes.count - (size + Self.blockSize - 1) / Self.blockSize)
    }

    private static func hash(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(start: bytes, count: count))
        return hasher.finalize()
    }
}
