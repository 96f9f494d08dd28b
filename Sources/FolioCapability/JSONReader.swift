/// Reads a JSON text (RFC 8259), with the line of everything in it.
///
/// Stricter than most: a name may not come twice in an object, nothing may follow the value, and nesting ends at 64.
struct JSONReader {
    private let bytes: [UInt8]
    private var next = 0
    private var line: Int
    private var depth = 0

    private static let depthLimit = 64

    /// - Parameter line: the number of the text's first line.
    init(_ text: String, line: Int) {
        bytes = Array(text.utf8)
        self.line = line
    }

    /// The one value of the text.
    mutating func document() throws(QueryError) -> JSONValue {
        let value = try value()
        skipBlanks()
        guard next == bytes.count else { throw error("something follows the end of the document") }
        return value
    }

    private var current: UInt8? { next < bytes.count ? bytes[next] : nil }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private func error(_ message: String) -> QueryError { QueryError(line: line, key: nil, message: message) }

    private func unexpected(_ wanted: String) -> QueryError {
        guard let byte = current else { return error("the document ends where \(wanted) is expected") }
        let shown = byte >= 0x20 && byte < 0x7f ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte \(byte)"
        return error("\(shown) where \(wanted) is expected")
    }

    private mutating func skipBlanks() {
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            default: return
            }
            next += 1
        }
    }

    private mutating func value() throws(QueryError) -> JSONValue {
        skipBlanks()
        let start = line
        let content: JSONValue.Content
        switch current {
        case UInt8(ascii: "{"): content = try nested { reader throws(QueryError) in try reader.object() }
        case UInt8(ascii: "["): content = try nested { reader throws(QueryError) in try reader.array() }
        case UInt8(ascii: "\""): content = .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): content = .number(try number())
        case UInt8(ascii: "t"): content = try word("true", .boolean(true))
        case UInt8(ascii: "f"): content = try word("false", .boolean(false))
        case UInt8(ascii: "n"): content = try word("null", .null)
        default: throw unexpected("a value")
        }
        return JSONValue(content: content, line: start)
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(QueryError) -> JSONValue.Content
    ) throws(QueryError) -> JSONValue.Content {
        guard depth < Self.depthLimit else { throw error("nested more than \(Self.depthLimit) deep") }
        depth += 1
        next += 1
        let content = try read(&self)
        depth -= 1
        return content
    }

    private mutating func word(_ word: String, _ content: JSONValue.Content) throws(QueryError) -> JSONValue.Content {
        guard bytes[next...].starts(with: word.utf8) else { throw unexpected("a value") }
        next += word.utf8.count
        return content
    }

    private mutating func object() throws(QueryError) -> JSONValue.Content {
        var members: [(name: String, line: Int, value: JSONValue)] = []
        var names: Set<String> = []
        skipBlanks()
        if take("}") { return .object(members) }
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
            let start = line
            let name = try string()
            guard names.insert(name).inserted else { throw QueryError(line: start, key: name, message: "given twice") }
            skipBlanks()
            guard take(":") else { throw unexpected("\":\"") }
            members.append((name, start, try value()))
            skipBlanks()
            if take("}") { return .object(members) }
            guard take(",") else { throw unexpected("\",\" or \"}\"") }
        }
    }

    private mutating func array() throws(QueryError) -> JSONValue.Content {
        var values: [JSONValue] = []
        skipBlanks()
        if take("]") { return .array(values) }
        while true {
            values.append(try value())
            skipBlanks()
            if take("]") { return .array(values) }
            guard take(",") else { throw unexpected("\",\" or \"]\"") }
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: scalar) else { return false }
        next += 1
        return true
    }

    /// A number's whole value; nil: it has a fraction or an exponent, or does not fit.
    private mutating func number() throws(QueryError) -> Int? {
        let start = next
        _ = take("-")
        if !take("0") { try digits() }
        var isWhole = true
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        return isWhole ? Int(String(decoding: bytes[start..<next], as: UTF8.self)) : nil
    }

    private mutating func digits() throws(QueryError) {
        let start = next
        while let byte = current, Self.isDigit(byte) { next += 1 }
        guard next > start else { throw unexpected("a digit") }
    }

    private mutating func string() throws(QueryError) -> String {
        next += 1
        var content: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                next += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                next += 1
                content += Array(String(try escape()).utf8)
            case 0..<0x20: throw error("a control character in a string")
            default:
                content.append(byte)
                next += 1
            }
        }
        throw error("a string does not end")
    }

    private mutating func escape() throws(QueryError) -> Unicode.Scalar {
        guard let byte = current else { throw error("a string does not end") }
        next += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw error("an escape that JSON does not have")
        }
    }

    /// What follows `\u`, with the second half of a pair.
    private mutating func unicode() throws(QueryError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, take("\\"), take("u") else { throw error("half of a pair of \\u escapes") }
        let second = try hexadecimal()
        guard (0xdc00..<0xe000).contains(second) else { throw error("half of a pair of \\u escapes") }
        guard let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) else {
            throw error("half of a pair of \\u escapes")
        }
        return scalar
    }

    private mutating func hexadecimal() throws(QueryError) -> UInt32 {
        let end = next + 4
        guard end <= bytes.count else { throw error("a string does not end") }
        let text = String(decoding: bytes[next..<end], as: UTF8.self)
        guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let number = UInt32(text, radix: 16)
        else { throw error("\\u is followed by four hexadecimal digits") }
        next = end
        return number
    }
}
