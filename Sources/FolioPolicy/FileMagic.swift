/// Bytes that a file has at one place: what tells a format.
public struct FileMagic: Hashable, Sendable {
    /// The most bytes that are compared.
    public static let longest = 64

    /// Where they begin, in bytes from the file's beginning.
    public var offset: Int
    /// 1 to `longest` bytes.
    public var bytes: [UInt8]

    /// Bytes at a place.
    public init(offset: Int = 0, bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }

    /// Bytes from pairs of hexadecimal digits, between which blanks may stand; nil: it is no such text, or too long.
    public static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.filter { $0 != " " }
        guard !digits.isEmpty, digits.count.isMultiple(of: 2), digits.count <= 2 * longest else { return nil }
        var bytes: [UInt8] = []
        var rest = digits[...]
        while !rest.isEmpty {
            let pair = rest.prefix(2)
            guard pair.allSatisfy(\.isHexDigit), let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
