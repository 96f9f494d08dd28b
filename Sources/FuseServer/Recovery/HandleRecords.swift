import CLinuxShims
import Glibc
import Synchronization
import SystemPackage

/// What the kernel has open, as daemons hand it on: which request opened it, and what the filesystem says of it.
///
/// A record is in use from the store of its handle on.
public final class HandleRecords: @unchecked Sendable {
    /// Bytes that the filesystem may say of a handle.
    public static let payloadSize = 40
    static let size = 64
    static let capacity = 1 << 22

    private enum Field {
        static let handle = 0
        static let opener = 8
        static let sequence = 16
        static let payload = 24
    }

    private let base: UnsafeMutableRawPointer
    /// How many records were ever in use.
    private let limit: UnsafeMutableRawPointer
    private let objects: UnsafeMutablePointer<UnsafeRawPointer?>
    private let free = Mutex<[UInt32]>([])

    init(_ base: UnsafeMutableRawPointer, limit: UnsafeMutableRawPointer) throws(Errno) {
        self.base = base
        self.limit = limit
        objects = try Self.reserve(Self.capacity)
    }

    /// Address space for `count` pointers, which takes memory where it is used.
    private static func reserve(_ count: Int) throws(Errno) -> UnsafeMutablePointer<UnsafeRawPointer?> {
        let memory = mmap(
            nil, count * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_NORESERVE), -1, 0)
        guard let memory, memory != MAP_FAILED else { throw Errno(rawValue: errno) }
        return memory.bindMemory(to: UnsafeRawPointer?.self, capacity: count)
    }

    @inline(__always)
    private func record(_ index: UInt32) -> UnsafeMutableRawPointer { base + Int(index) * Self.size }

    /// The record of a handle; it need not be in use.
    @inline(__always)
    public static func index(_ handle: HandleID) -> UInt32? {
        let number = UInt32(truncatingIfNeeded: handle.rawValue)
        return number > 0 && number <= capacity ? number - 1 : nil
    }

    /// What the filesystem says of a handle, `payloadSize` bytes.
    public func payload(_ index: UInt32) -> UnsafeMutableRawPointer { record(index) + Field.payload }

    /// What a handle stands for in this process; nil: it is none.
    @inline(__always)
    public func object(_ handle: HandleID) -> UnsafeRawPointer? {
        guard let index = Self.index(handle), record(index).word(Field.handle) == handle.rawValue else { return nil }
        return objects[Int(index)]
    }

    /// A record for what the request that this thread handles opens; nil: there are too many. Its payload is to be filled in before
    /// `begin`.
    public func allocate() -> UInt32? {
        free.withLock { free in
            if let old = free.popLast() { return old }
            let count = limit.word(0)
            guard count < UInt64(Self.capacity) else { return nil }
            limit.setWord(0, count + 1)
            return UInt32(count)
        }
    }

    /// A handle for the kernel.
    public func begin(_ index: UInt32, _ object: UnsafeRawPointer) -> HandleID {
        let record = record(index)
        let sequence = (record.word(Field.sequence) + 1) & 0x7fff_ffff
        record.setWord(Field.sequence, sequence)
        record.setWord(Field.opener, Attempt.unique)
        objects[Int(index)] = object
        let handle = sequence << 32 | UInt64(index) + 1
        record.setWord(Field.handle, handle)
        return HandleID(rawValue: handle)
    }

    /// The kernel has it open no more.
    public func end(_ handle: HandleID) {
        guard let index = Self.index(handle), record(index).word(Field.handle) == handle.rawValue else { return }
        record(index).setWord(Field.handle, 0)
        objects[Int(index)] = nil
        free.withLock { $0.append(index) }
    }

    /// Ends those that requests opened whose answers the kernel has not had.
    func end(openedBy openers: Set<UInt64>) {
        guard !openers.isEmpty else { return }
        for index in 0..<UInt32(limit.word(0)) where record(index).word(Field.handle) != 0 {
            if openers.contains(record(index).word(Field.opener)) { record(index).setWord(Field.handle, 0) }
        }
    }

    /// Calls `body` with every handle in use.
    public func forEach(_ body: (_ index: UInt32) -> Void) {
        for index in 0..<UInt32(limit.word(0)) where record(index).word(Field.handle) != 0 { body(index) }
    }

    /// Calls `body` with every handle in use, to say what it stands for in this process, and finds those that are free. While nobody
    /// else has anything to do with them.
    public func takeOver(_ body: (_ index: UInt32, _ handle: HandleID) -> UnsafeRawPointer?) {
        free.withLock { free in
            free = []
            for index in 0..<UInt32(limit.word(0)) {
                let handle = record(index).word(Field.handle)
                guard handle != 0 else {
                    free.append(index)
                    continue
                }
                objects[Int(index)] = body(index, HandleID(rawValue: handle))
            }
        }
    }
}
