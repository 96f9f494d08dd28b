import Glibc

/// The bytes that a write of a seed writes.
enum Content {
    /// A program that ends with status 42: an ELF header, one segment and three instructions.
    static let program: [UInt8] = {
        func little(_ number: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(number >> (8 * UInt64($0)) & 0xff) }
        }
        let header: [UInt8] =
            [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + little(0, 8) + little(2, 2) + little(62, 2) + little(1, 4)
            + little(0x400078, 8) + little(64, 8) + little(0, 8) + little(0, 4) + little(64, 2) + little(56, 2)
            + little(1, 2) + little(0, 6)
        let segment: [UInt8] =
            little(1, 4) + little(5, 4) + little(0, 8) + little(0x400000, 8) + little(0x400000, 8) + little(132, 8)
            + little(132, 8) + little(0x1000, 8)
        return header + segment + [0xbf, 42, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05]
    }()

    static func fill(_ buffer: UnsafeMutableRawBufferPointer, seed: UInt64) {
        var random = RandomSource(seed: seed)
        var index = 0
        while index + 8 <= buffer.count {
            buffer.storeBytes(of: random.next(), toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < buffer.count {
            buffer[index] = UInt8(truncatingIfNeeded: random.next())
            index += 1
        }
        if seed % 16 == 3, buffer.count >= program.count { buffer.copyBytes(from: program) }
    }
}
