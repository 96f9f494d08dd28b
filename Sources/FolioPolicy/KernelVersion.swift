/// A kernel version as `uname -r` begins: major, minor, patch.
public struct KernelVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first number: 6 of 6.18.44.
    public let major: Int
    /// The second number: 18 of 6.18.44.
    public let minor: Int
    /// The third number, 0 where the text has none: 44 of 6.18.44.
    public let patch: Int

    /// A version from its numbers.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// A version from the start of a release text such as `6.12.117+deb13-amd64`; nil where it does not begin with
    /// `number.number`.
    public init?(_ text: some StringProtocol) {
        var numbers: [Int] = []
        var rest = Substring(text)
        while numbers.count < 3 {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard !digits.isEmpty, let number = Int(digits) else { break }
            numbers.append(number)
            rest = rest.dropFirst(digits.count)
            guard rest.first == "." else { break }
            rest = rest.dropFirst()
        }
        guard numbers.count >= 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    /// `major.minor.patch`.
    public var description: String { "\(major).\(minor).\(patch)" }

    /// Compares number by number.
    public static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
