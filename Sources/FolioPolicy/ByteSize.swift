/// A number of bytes as people write it: `4096`, `64K`, `2M`, `1GiB`, `1T`; a suffix is a power of 1024.
public struct ByteSize: Hashable, Sendable, CustomStringConvertible {
    /// The bytes, 0 or more.
    public let bytes: Int

    /// A number of bytes.
    public init(bytes: Int) {
        self.bytes = bytes
    }

    /// A size from its text; nil where it is none, negative or beyond what 64 bits hold.
    public init?(_ text: String) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, let number = Int(digits) else { return nil }
        let shift: Int
        switch text.dropFirst(digits.count).lowercased() {
        case "", "b": shift = 0
        case "k", "kib": shift = 10
        case "m", "mib": shift = 20
        case "g", "gib": shift = 30
        case "t", "tib": shift = 40
        default: return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { return nil }
        bytes = product
    }

    /// The size in the largest unit that it reaches, rounded down to a tenth: `117.4 MiB`.
    public var description: String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var unit = 0
        var size = bytes
        var tenths = 0
        while size >= 1024, unit + 1 < units.count {
            tenths = size % 1024 * 10 / 1024
            size /= 1024
            unit += 1
        }
        if unit == 0 { return "\(bytes) bytes" }
        return tenths == 0 ? "\(size) \(units[unit])" : "\(size).\(tenths) \(units[unit])"
    }

    /// The size as `init(_:)` reads it, to the byte: `117M`, `4097`.
    public var exact: String { whole.map { "\($0.count)\($0.unit)" } ?? "\(bytes)" }

    /// The size for people, to the byte, in the largest unit that it is whole in: `1280 KiB`, `4097 bytes`.
    package var exactDescription: String { whole.map { "\($0.count) \($0.unit)iB" } ?? "\(bytes) bytes" }

    /// The largest unit that it is whole in; nil: bytes.
    private var whole: (count: Int, unit: String)? {
        let units: [(String, Int)] = [("T", 40), ("G", 30), ("M", 20), ("K", 10)]
        for (unit, shift) in units where bytes > 0 && bytes.trailingZeroBitCount >= shift {
            return (bytes >> shift, unit)
        }
        return nil
    }
}
