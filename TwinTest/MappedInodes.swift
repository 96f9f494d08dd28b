import Glibc

/// The files of a world that were mapped shared and writable, in memory that its processes share: their times are not
/// compared (see KnownDifferences).
///
/// Whoever adds one keeps it open with O_PATH, so that no other file gets its inode number.
struct MappedInodes {
    private static let capacity = 8000
    private let memory: UnsafeMutablePointer<UInt>

    init() throws {
        let memory = mmap(nil, 65536, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_ANONYMOUS), -1, 0)
        guard let memory, memory != MAP_FAILED else { throw Failure("cannot share memory: \(errnoText(errno))") }
        self.memory = memory.bindMemory(to: UInt.self, capacity: 8192)
    }

    func reset() { memory[0] = 0 }

    func contains(_ inode: UInt) -> Bool {
        for index in 0..<Int(memory[0]) where memory[index + 1] == inode { return true }
        return false
    }

    /// Adds one; false: it was there.
    func insert(_ inode: UInt) -> Bool {
        guard !contains(inode), Int(memory[0]) < Self.capacity else { return false }
        memory[Int(memory[0]) + 1] = inode
        memory[0] += 1
        return true
    }
}
