/// Expands one gzip member, what /proc/config.gz is.
///
/// Source: RFC 1951 (deflate) and RFC 1952 (gzip). Made for small files: no window is kept apart from the answer.
package struct Gzip {
    /// A canonical Huffman code: how many codes have each length, and the symbols in code order.
    private struct Code {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        init(lengths: some Collection<Int>) {
            var byLength = [[Int]](repeating: [], count: 16)
            for (symbol, length) in lengths.enumerated() where length > 0 {
                counts[length] += 1
                byLength[length].append(symbol)
            }
            symbols = byLength.flatMap { $0 }
        }
    }

    /// The input is not what it says it is.
    private struct Malformed: Error {}

    /// Bytes beyond which an answer is refused.
    private static let limit = 64 << 20

    private let input: [UInt8]
    private var position = 0
    private var bits = 0
    private var bitCount = 0
    private var output: [UInt8] = []

    private init(_ input: [UInt8], from position: Int) {
        self.input = input
        self.position = position
        output.reserveCapacity(4 * input.count)
    }

    /// The bytes that were packed; nil: not gzip, cut off, or more than 64 MiB.
    package static func expand(_ packed: [UInt8]) -> [UInt8]? {
        guard packed.count > 18, packed[0] == 0x1f, packed[1] == 0x8b, packed[2] == 8 else { return nil }
        let flags = packed[3]
        var start = 10
        if flags & 4 != 0 { start += 2 + Int(packed[10]) + Int(packed[11]) << 8 }
        for text in [UInt8(8), 16] where flags & text != 0 {
            guard start < packed.count, let end = packed[start...].firstIndex(of: 0) else { return nil }
            start = end + 1
        }
        if flags & 2 != 0 { start += 2 }
        var reader = Gzip(packed, from: start)
        do {
            try reader.inflate()
        } catch {
            return nil
        }
        return reader.output
    }

    private mutating func take(_ count: Int) throws(Malformed) -> Int {
        while bitCount < count {
            guard position < input.count else { throw Malformed() }
            bits |= Int(input[position]) << bitCount
            position += 1
            bitCount += 8
        }
        let value = bits & ((1 << count) - 1)
        bits >>= count
        bitCount -= count
        return value
    }

    private mutating func symbol(_ code: Code) throws(Malformed) -> Int {
        var value = 0
        var first = 0
        var index = 0
        for length in 1..<16 {
            value |= try take(1)
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw Malformed()
    }

    private mutating func inflate() throws(Malformed) {
        while true {
            let last = try take(1) == 1
            switch try take(2) {
            case 0: try copyStored()
            case 1: try expandBlock(Self.fixedLengths, Self.fixedDistances)
            case 2:
                let (lengths, distances) = try dynamicCodes()
                try expandBlock(lengths, distances)
            default: throw Malformed()
            }
            if last { return }
        }
    }

    private mutating func copyStored() throws(Malformed) {
        (bits, bitCount) = (0, 0)
        let length = try take(16)
        guard try take(16) == ~length & 0xffff, position + length <= input.count else { throw Malformed() }
        output += input[position..<position + length]
        position += length
        guard output.count <= Self.limit else { throw Malformed() }
    }

    private mutating func dynamicCodes() throws(Malformed) -> (Code, Code) {
        let lengthCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let metaCount = try take(4) + 4
        var meta = [Int](repeating: 0, count: 19)
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        for index in 0..<metaCount { meta[order[index]] = try take(3) }
        let metaCode = Code(lengths: meta)
        var lengths: [Int] = []
        while lengths.count < lengthCount + distanceCount {
            switch try symbol(metaCode) {
            case 16:
                guard let previous = lengths.last else { throw Malformed() }
                lengths += [Int](repeating: previous, count: try take(2) + 3)
            case 17: lengths += [Int](repeating: 0, count: try take(3) + 3)
            case 18: lengths += [Int](repeating: 0, count: try take(7) + 11)
            case let length: lengths.append(length)
            }
        }
        guard lengths.count == lengthCount + distanceCount else { throw Malformed() }
        return (Code(lengths: lengths[..<lengthCount]), Code(lengths: lengths[lengthCount...]))
    }

    private mutating func expandBlock(_ lengths: Code, _ distances: Code) throws(Malformed) {
        while true {
            let symbol = try symbol(lengths)
            if symbol == 256 { return }
            guard output.count < Self.limit else { throw Malformed() }
            if symbol < 256 {
                output.append(UInt8(symbol))
                continue
            }
            guard symbol - 257 < Self.lengthBases.count else { throw Malformed() }
            let length = Self.lengthBases[symbol - 257] + (try take(Self.lengthBits[symbol - 257]))
            let code = try self.symbol(distances)
            guard code < Self.distanceBases.count else { throw Malformed() }
            let distance = Self.distanceBases[code] + (try take(code < 2 ? 0 : code / 2 - 1))
            guard distance <= output.count else { throw Malformed() }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }

    private static let fixedLengths = Code(
        lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    private static let fixedDistances = Code(lengths: [Int](repeating: 5, count: 30))
    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12289, 16385, 24577,
    ]
}
