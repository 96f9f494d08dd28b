/// A 64-bit digest of bytes, good enough to tell two contents apart.
enum Digest {
    static func of(_ bytes: UnsafeRawBufferPointer, from start: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        var sum = start
        var index = 0
        while index + 8 <= bytes.count {
            sum = (sum ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            sum ^= sum >> 29
            index += 8
        }
        while index < bytes.count {
            sum = (sum ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
            index += 1
        }
        return sum ^ (sum >> 32)
    }

    static func combine(_ sum: UInt64, _ number: UInt64) -> UInt64 {
        let mixed = (sum ^ number) &* 0x9e37_79b9_7f4a_7c15
        return mixed ^ (mixed >> 29)
    }
}
