/// A pattern that a path below the source matches as a whole, as fnmatch(3) has it: `*` stands for any run of characters,
/// "/" among them, `?` for one, `[a-z]` for one of a set and `[!a-z]` for one that is not in it; `\` takes the meaning
/// from what follows.
public struct PathPattern: Hashable, Sendable {
    private enum Part: Hashable {
        case anything
        case one
        case character(UInt32)
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    /// As it was written.
    public let text: String
    private let parts: [Part]

    /// A pattern from its text.
    /// - Throws: where no path below a source could match it.
    public init(_ text: String) throws(RuleTextError) {
        if text.hasPrefix("/") {
            throw RuleTextError(
                "the pattern \"\(text)\" begins with /", suggestion: "write it as it is below the source: without the /"
            )
        }
        if text.hasPrefix("./") {
            throw RuleTextError("the pattern \"\(text)\" begins with ./", suggestion: "write it without the ./")
        }
        var parts: [Part] = []
        var rest = Array(text.unicodeScalars.map(\.value))[...]
        while let character = rest.popFirst() {
            switch Unicode.Scalar(character) {
            case "*": if parts.last != .anything { parts.append(.anything) }
            case "?": parts.append(.one)
            case "[": parts.append(try Self.set(&rest, of: text))
            case "\\":
                guard let next = rest.popFirst() else {
                    throw RuleTextError(
                        "the pattern \"\(text)\" ends with \\", suggestion: "write \\\\ for a backslash")
                }
                parts.append(.character(next))
            default: parts.append(.character(character))
            }
        }
        guard !parts.isEmpty else {
            throw RuleTextError("a pattern is empty", suggestion: "write * for every path")
        }
        self.text = text
        self.parts = parts
    }

    /// The rest of a set, after its bracket.
    private static func set(_ rest: inout ArraySlice<UInt32>, of text: String) throws(RuleTextError) -> Part {
        let (close, dash) = (UInt32(UInt8(ascii: "]")), UInt32(UInt8(ascii: "-")))
        let isNegated = rest.first == UInt32(UInt8(ascii: "!")) || rest.first == UInt32(UInt8(ascii: "^"))
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        while let first = rest.popFirst() {
            // A bracket that comes first is one of the set.
            if first == close, !ranges.isEmpty { return .set(ranges, isNegated: isNegated) }
            var low = first
            if first == UInt32(UInt8(ascii: "\\")), let escaped = rest.popFirst() { low = escaped }
            var high = low
            if rest.first == dash, let end = rest.dropFirst().first, end != close {
                rest.removeFirst(2)
                high = end
            }
            guard low <= high else {
                throw RuleTextError("a range in the pattern \"\(text)\" is empty", suggestion: "exchange its two ends")
            }
            ranges.append(low...high)
        }
        throw RuleTextError("the pattern \"\(text)\" has a [ without its ]", suggestion: "write \\[ for a bracket")
    }

    /// Whether a path matches, given by its bytes. What is not UTF-8 is a character that only `*`, `?` and `[!…]` match.
    public func matches(_ path: some Sequence<UInt8>) -> Bool {
        let path = Self.characters(path)
        var (place, part) = (0, 0)
        // Where the last `*` is, and the path that it has not taken.
        var star: (part: Int, place: Int)?
        while true {
            if part < parts.count, parts[part] == .anything {
                star = (part, place)
                part += 1
            } else if place == path.count, part == parts.count {
                return true
            } else if place < path.count, part < parts.count, Self.matches(parts[part], path[place]) {
                part += 1
                place += 1
            } else if let last = star, last.place < path.count {
                star = (last.part, last.place + 1)
                (part, place) = (last.part + 1, last.place + 1)
            } else {
                return false
            }
        }
    }

    private static func matches(_ part: Part, _ character: UInt32) -> Bool {
        switch part {
        case .anything, .one: true
        case .character(let wanted): wanted == character
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(character) } != isNegated
        }
    }

    /// Unicode scalars, and numbers beyond them for bytes that are not UTF-8.
    private static func characters(_ bytes: some Sequence<UInt8>) -> [UInt32] {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var characters: [UInt32] = []
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): characters.append(scalar.value)
            case .emptyInput: return characters
            case .error: characters.append(0x11_0000)
            }
        }
    }
}
