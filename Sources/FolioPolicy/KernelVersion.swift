/// A kernel version as `uname -r` begins: major, minor, patch.
public struct KernelVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Major, minor and patch in 16, 16 and 32 bits, so that two versions compare by one comparison.
    private let packed: UInt64

    /// The first number: 6 of 6.18.44.
    public var major: Int { Int(packed >> 48) }
    /// The second number: 18 of 6.18.44.
    public var minor: Int { Int(packed >> 32 & 0xffff) }
    /// The third number, 0 where the text has none: 44 of 6.18.44.
    public var patch: Int { Int(packed & 0xffff_ffff) }

    /// A version from its numbers: 0 to 65535, 0 to 65535, 0 to 4294967295; what is larger or smaller counts as the limit.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        packed =
            UInt64(min(max(major, 0), 0xffff)) << 48 | UInt64(min(max(minor, 0), 0xffff)) << 32
            | UInt64(min(max(patch, 0), 0xffff_ffff))
    }

    /// A version from the start of a release text such as `6.12.117+deb13-amd64`; nil where it does not begin with
    /// `number.number`.
    public init?(_ text: some StringProtocol) {
        var numbers = (0, 0, 0)
        var found = 0
        var digits = 0
        reading: for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int(byte - UInt8(ascii: "0"))
                digits += 1
                guard digits <= 10 else { return nil }
                switch found {
                case 0: numbers.0 = numbers.0 * 10 + digit
                case 1: numbers.1 = numbers.1 * 10 + digit
                default: numbers.2 = numbers.2 * 10 + digit
                }
            case UInt8(ascii: ".") where digits > 0 && found < 2:
                found += 1
                digits = 0
            default: break reading
            }
        }
        guard found + (digits > 0 ? 1 : 0) >= 2 else { return nil }
        self.init(numbers.0, numbers.1, numbers.2)
    }

    /// `major.minor.patch`.
    public var description: String { "\(major).\(minor).\(patch)" }

    /// Compares number by number.
    public static func < (left: KernelVersion, right: KernelVersion) -> Bool { left.packed < right.packed }
}
