import Glibc

/// What goes between this program and a plugin's process: a list of texts, with its length before it.
///
/// A frame is a UInt32 with the number of bytes that follow, and then for each text a UInt32 with its length and its bytes;
/// numbers are little-endian.
enum NativeFrame {
    /// No frame that is worth reading is longer, in bytes.
    static let limit = 64 << 10

    /// A frame of these texts.
    static func encode(_ fields: [[UInt8]]) -> [UInt8] {
        let body = fields.flatMap { number($0.count) + $0 }
        return number(body.count) + body
    }

    /// The texts of a frame without its first length; nil: it is none.
    static func decode(_ body: some Collection<UInt8>) -> [[UInt8]]? {
        var rest = Array(body)[...]
        var fields: [[UInt8]] = []
        while !rest.isEmpty {
            guard rest.count >= 4 else { return nil }
            let length = number(rest.prefix(4))
            rest = rest.dropFirst(4)
            guard length <= rest.count else { return nil }
            fields.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return fields
    }

    /// A number of four bytes.
    static func number(_ bytes: some Collection<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private static func number(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
