import Glibc

/// What operations came to, as text, in memory that the processes of a world share and of which one writes at a time.
///
/// At 0 the bytes used, at 8 the operations done, at 16 the operation under way; from 64 on the records, each the
/// operation's index and the length of its text (two UInt32), and the text.
struct Record {
    static let header = 64
    private static let size = 96 << 20
    private let base: UnsafeMutableRawPointer
    private var start = 0
    private var end = 0

    /// - Throws: where there is no memory.
    init() throws {
        let memory = mmap(
            nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_ANONYMOUS) | Int32(MAP_NORESERVE), -1, 0)
        guard let memory, memory != MAP_FAILED else { throw Failure("cannot share memory: \(errnoText(errno))") }
        base = memory
        reset()
    }

    func reset() {
        base.storeBytes(of: Self.header, as: Int.self)
        base.storeBytes(of: 0, toByteOffset: 8, as: Int.self)
        base.storeBytes(of: -1, toByteOffset: 16, as: Int.self)
    }

    /// How many operations have their record.
    var done: Int { base.load(fromByteOffset: 8, as: Int.self) }
    /// The operation under way; -1: none yet.
    var current: Int { base.load(fromByteOffset: 16, as: Int.self) }

    mutating func begin(_ index: Int) {
        base.storeBytes(of: index, toByteOffset: 16, as: Int.self)
        start = base.load(as: Int.self)
        guard start + (8 << 20) < Self.size else { fatalError("the records of an episode do not fit") }
        base.storeBytes(of: UInt32(index), toByteOffset: start, as: UInt32.self)
        end = start + 8
    }

    func finish() {
        base.storeBytes(of: UInt32(end - start - 8), toByteOffset: start + 4, as: UInt32.self)
        // The next record begins aligned.
        base.storeBytes(of: (end + 7) & ~7, as: Int.self)
        base.storeBytes(of: done + 1, toByteOffset: 8, as: Int.self)
    }

    /// The texts of this episode in order, each with the index of its operation.
    func texts() -> [(index: Int, text: UnsafeRawBufferPointer)] {
        var result: [(Int, UnsafeRawBufferPointer)] = []
        var at = Self.header
        for _ in 0..<done {
            let index = Int(base.load(fromByteOffset: at, as: UInt32.self))
            let length = Int(base.load(fromByteOffset: at + 4, as: UInt32.self))
            result.append((index, UnsafeRawBufferPointer(start: base + at + 8, count: length)))
            at = (at + 8 + length + 7) & ~7
        }
        return result
    }

    mutating func put(_ text: StaticString) {
        memcpy(base + end, text.utf8Start, text.utf8CodeUnitCount)
        end += text.utf8CodeUnitCount
    }

    mutating func put(byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    mutating func put(bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        memcpy(base + end, start, bytes.count)
        end += bytes.count
    }

    mutating func put(bytes: [UInt8]) { bytes.withUnsafeBytes { put(bytes: $0) } }

    mutating func put(_ number: Int, base radix: UInt = 10) {
        if number < 0 { put(byte: UInt8(ascii: "-")) }
        put(unsigned: number.magnitude, base: radix)
    }

    mutating func put(unsigned number: UInt, base radix: UInt = 10) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var left = number
        withUnsafeMutableBytes(of: &digits) { digits in
            var at = digits.count
            repeat {
                at -= 1
                let digit = UInt8(left % radix)
                digits[at] = digit < 10 ? 0x30 + digit : 0x57 + digit
                left /= radix
            } while left > 0
            put(bytes: UnsafeRawBufferPointer(rebasing: digits[at...]))
        }
    }

    /// " =N", or " !E" with the errno where it is -1.
    mutating func put(result: Int) {
        if result == -1 {
            let failure = errno
            put(" !")
            put(Int(failure))
        } else {
            put(" =")
            put(result)
        }
    }

    /// What bytes are: how many, and a digest of them.
    mutating func put(content: UnsafeRawBufferPointer) {
        put(" bytes:")
        put(content.count)
        put(":")
        put(unsigned: UInt(Digest.of(content)), base: 16)
    }
}
