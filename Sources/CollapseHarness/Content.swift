import Glibc

/// What scenario files hold: bytes that follow from their offset, so that what was read can be told right from wrong
/// without reading it twice.
package enum Content {
    /// Where a file has bytes; elsewhere it is zero.
    package enum Layout: Hashable, Sendable {
        /// Everywhere.
        case full
        /// In every other 64 KiB, from its beginning.
        case sparse
        /// In every other page of so many bytes, from its beginning.
        case alternate(page: Int)
        /// Nowhere.
        case hole

        /// Whether there is a hole at an offset.
        package func isHole(_ offset: Int) -> Bool {
            switch self {
            case .full: false
            case .sparse: offset >> 16 & 1 == 1
            case .alternate(let page): offset / page & 1 == 1
            case .hole: true
            }
        }
    }

    /// Bytes that are all of one word; so that a compressor finds something to do.
    private static let run = 512

    /// The bytes of `length` bytes from `offset`, both multiples of 8, of a file of `size` bytes; zero past its end.
    package static func bytes(_ offset: Int, _ length: Int, size: Int, layout: Layout = .full) -> [UInt8] {
        let end = max(0, min(length, size - offset))
        var bytes = [UInt8](repeating: 0, count: length)
        bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            var position = 0
            while position < end {
                let upTo = min(end, (offset + position) / run * run + run - offset)
                guard !layout.isHole(offset + position) else {
                    position = upTo
                    continue
                }
                // The last word of a file may be cut.
                let words = (upTo - position) / 8
                let word = word(offset + position)
                (base + position).initializeMemory(as: UInt64.self, repeating: word, count: words)
                withUnsafeBytes(of: word) { source in
                    for index in (position + words * 8)..<upTo { buffer[index] = source[index % 8] }
                }
                position = upTo
            }
        }
        return bytes
    }

    /// FNV-1a over 64-bit words; `buffer` is a multiple of 8 bytes long.
    package static func checksum(_ buffer: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var position = 0
        while position + 8 <= buffer.count {
            hash = (hash ^ buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self)) &* 0x100_0000_01b3
            position += 8
        }
        return hash
    }

    /// Whether `buffer` holds what `bytes(_:_:size:layout:)` gives from `offset`.
    package static func isIntact(
        _ buffer: UnsafeRawBufferPointer, _ offset: Int, size: Int, layout: Layout = .full
    ) -> Bool {
        guard let base = buffer.baseAddress else { return true }
        return bytes(offset, buffer.count, size: size, layout: layout).withUnsafeBytes { wanted in
            wanted.baseAddress.map { memcmp(base, $0, buffer.count) == 0 } ?? true
        }
    }

    /// splitmix64 of the run's number.
    private static func word(_ offset: Int) -> UInt64 {
        var value = (UInt64(offset / run) &+ 1) &* 0x9e37_79b9_7f4a_7c15
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
