import Glibc

/// The files of a world that were mapped, in memory that its processes share: the times of those that were mapped shared and
/// writable are not compared, nor the blocks of any (see KnownDifferences).
///
/// Whoever adds one keeps it open, so that no other file gets its inode number.
struct MappedInodes {
    private static let capacity = 8000
    private let memory: UnsafeMutablePointer<UInt>

    init() throws {
        let memory = mmap(nil, 65536, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_ANONYMOUS), -1, 0)
        guard let memory, memory != MAP_FAILED else { throw Failure("cannot share memory: \(errnoText(errno))") }
        self.memory = memory.bindMemory(to: UInt.self, capacity: 8192)
    }

    func reset() { memory[0] = 0 }

    /// Whether it was mapped shared and writable.
    func isStoredTo(_ inode: UInt) -> Bool { contains(inode << 1 | 1) }

    /// Whether it was mapped in any way.
    func isMapped(_ inode: UInt) -> Bool { isStoredTo(inode) || contains(inode << 1) }

    private func contains(_ word: UInt) -> Bool {
        for index in 0..<Int(memory[0]) where memory[index + 1] == word { return true }
        return false
    }

    /// Adds one; false: it was there.
    func insert(_ inode: UInt, isStoredTo: Bool) -> Bool {
        let word = inode << 1 | (isStoredTo ? 1 : 0)
        guard !contains(word), Int(memory[0]) < Self.capacity else { return false }
        memory[Int(memory[0]) + 1] = word
        memory[0] += 1
        return true
    }
}
