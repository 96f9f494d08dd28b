import CLinuxShims
import FuseServer

/// Who holds record locks, as daemons hand it on; what is held the kernel says of the descriptor.
struct LockRecord: TableRecord, @unchecked Sendable {
    static let size = 64
    /// Handles that are remembered; through which of more a lock was taken is not handed on.
    private static let mostHandles = 3

    private enum Field {
        /// 0: never used; 1: in use; 2: free.
        static let state = 0
        static let generation = 8
        static let owner = 16
        static let descriptor = 24
        static let process = 32
        static let handles = 40
    }

    private let base: UnsafeMutableRawPointer
    let index: UInt32

    init(_ base: UnsafeMutableRawPointer, _ index: UInt32) {
        self.base = base
        self.index = index
    }

    var wasUsed: Bool { word(Field.state) != 0 }
    var isInUse: Bool { word(Field.state) == 1 }
    var isLost: Bool { false }
    var generation: UInt64 { word(Field.generation) }
    var owner: UInt64 { word(Field.owner) }
    var descriptor: Int32 { Int32(truncatingIfNeeded: word(Field.descriptor)) }
    var process: Int32 { Int32(truncatingIfNeeded: word(Field.process)) }

    var handles: [HandleID] {
        (0..<Self.mostHandles).map { word(Field.handles + $0 * 8) }.filter { $0 != 0 }.map { HandleID(rawValue: $0) }
    }

    func begin(_ inode: Inode, owner: UInt64, descriptor: Int32, process: Int32) {
        set(Field.generation, inode.generation)
        set(Field.owner, owner)
        set(Field.descriptor, UInt64(descriptor))
        set(Field.process, UInt64(UInt32(bitPattern: process)))
        for number in 0..<Self.mostHandles { set(Field.handles + number * 8, 0) }
        set(Field.state, 1)
    }

    /// Remembers a handle through which a lock was taken.
    func add(_ handle: HandleID) {
        for number in 0..<Self.mostHandles {
            let place = Field.handles + number * 8
            if word(place) == handle.rawValue { return }
            if word(place) == 0 { return set(place, handle.rawValue) }
        }
    }

    func end() { set(Field.state, 2) }

    private func word(_ offset: Int) -> UInt64 { folio_load_word(base + offset) }
    private func set(_ offset: Int, _ value: UInt64) { folio_store_word(base + offset, value) }
}
