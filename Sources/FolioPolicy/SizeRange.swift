/// A range of file sizes in bytes, as rules write it: `>=2M`, `>=64K <1G`.
public struct SizeRange: Hashable, Sendable {
    /// The smallest size in it.
    public var smallest: Int
    /// The first size that is too large; nil: none is.
    public var below: Int?

    /// A range from its ends.
    public init(smallest: Int, below: Int? = nil) {
        self.smallest = smallest
        self.below = below
    }

    /// Whether a size is in it.
    public func contains(_ size: Int) -> Bool { size >= smallest && below.map { size < $0 } != false }

    /// A range from its text: one or two of `>=`, `>`, `<`, `<=` with a size each.
    /// - Throws: what is wrong, and what to write.
    public static func parse(_ text: String) throws(RuleTextError) -> SizeRange {
        var (smallest, below): (Int?, Int?)
        // A sign may stand apart from its number.
        var rest = Substring(text).drop { $0 == " " }
        while !rest.isEmpty {
            let sign = rest.prefix { "<>=".contains($0) }
            rest = rest.dropFirst(sign.count).drop { $0 == " " }
            let word = rest.prefix { $0 != " " && !"<>=".contains($0) }
            rest = rest.dropFirst(word.count).drop { $0 == " " }
            guard let size = ByteSize(String(word))?.bytes, size < Int.max else { throw bad(text, sign, word) }
            switch sign {
            case ">=" where smallest == nil: smallest = size
            case ">" where smallest == nil: smallest = size + 1
            case "<" where below == nil: below = size
            case "<=" where below == nil: below = size + 1
            default: throw bad(text, sign, word)
            }
        }
        guard smallest != nil || below != nil else { throw bad(text, "", "") }
        let range = SizeRange(smallest: smallest ?? 0, below: below)
        if let below, range.smallest >= below {
            throw RuleTextError("no size is in the range \"\(text)\"", suggestion: "exchange the two numbers")
        }
        return range
    }

    private static func bad(_ text: String, _ sign: Substring, _ word: Substring) -> RuleTextError {
        let isSize = ByteSize(String(word)) != nil
        return RuleTextError(
            "size is \"\(text)\"",
            suggestion: sign.isEmpty && isSize
                ? "write \">=\(word)\" or \"<\(word)\"" : "write it like \">=2M\", \"<64K\" or \">=64K <1G\"")
    }

    /// The range as `parse` reads it.
    public var text: String {
        let upper = below.map { "<\(ByteSize(bytes: $0).exact)" }
        let lower = smallest > 0 || upper == nil ? ">=\(ByteSize(bytes: smallest).exact)" : nil
        return [lower, upper].compactMap { $0 }.joined(separator: " ")
    }
}
