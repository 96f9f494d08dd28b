/// A JSON value as commands print it (RFC 8259); numbers as Double.
enum JSON: Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// The one value that `text` holds.
    init(_ text: String) throws {
        var reader = Reader(bytes: Array(text.utf8))
        self = try reader.value()
        reader.space()
        try expect(reader.at == reader.bytes.count, "text after the JSON value: \(text.suffix(200))")
    }

    subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var array: [JSON]? { if case .array(let value) = self { value } else { nil } }

    /// Throws where a key of the contract is missing.
    func requireKeys(_ keys: String, of what: String) throws {
        guard case .object(let members) = self else { throw Failure("\(what) is no JSON object") }
        let missing = keys.split(separator: " ").map(String.init).filter { members[$0] == nil }
        try expect(
            missing.isEmpty,
            "\(what) lacks \(missing.joined(separator: ", ")); has \(members.keys.sorted().joined(separator: ", "))")
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        mutating func space() { while at < bytes.count, [32, 9, 10, 13].contains(bytes[at]) { at += 1 } }

        mutating func take(_ text: String) -> Bool {
            let wanted = Array(text.utf8)
            guard bytes.count - at >= wanted.count, Array(bytes[at..<at + wanted.count]) == wanted else { return false }
            at += wanted.count
            return true
        }

        mutating func value() throws -> JSON {
            space()
            if take("null") { return .null }
            if take("true") { return .boolean(true) }
            if take("false") { return .boolean(false) }
            if take("\"") { return .string(try string()) }
            if take("[") { return .array(try list("]") { reader in try reader.value() }) }
            if take("{") {
                let members = try list("}") { reader in
                    reader.space()
                    guard reader.take("\"") else { throw Failure("no key in a JSON object") }
                    let key = try reader.string()
                    reader.space()
                    guard reader.take(":") else { throw Failure("no colon after \(key)") }
                    return (key, try reader.value())
                }
                return .object(Dictionary(members) { _, last in last })
            }
            let start = at
            while at < bytes.count, "+-.eE0123456789".utf8.contains(bytes[at]) { at += 1 }
            let word = String(decoding: bytes[start..<at], as: UTF8.self)
            guard let number = Double(word) else {
                let rest = String(decoding: bytes[start...].prefix(60), as: UTF8.self)
                throw Failure("no JSON value at: \(rest)")
            }
            return .number(number)
        }

        mutating func list<Element>(
            _ end: String, _ element: (inout Reader) throws -> Element
        ) throws -> [Element] {
            var result: [Element] = []
            space()
            if take(end) { return result }
            while true {
                result.append(try element(&self))
                space()
                if take(end) { return result }
                guard take(",") else { throw Failure("no comma in a JSON list") }
            }
        }

        mutating func string() throws -> String {
            var result: [UInt8] = []
            while at < bytes.count {
                let byte = bytes[at]
                at += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: result, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\"), at < bytes.count else {
                    result.append(byte)
                    continue
                }
                let escaped = bytes[at]
                at += 1
                switch escaped {
                case UInt8(ascii: "n"): result.append(10)
                case UInt8(ascii: "t"): result.append(9)
                case UInt8(ascii: "r"): result.append(13)
                case UInt8(ascii: "b"): result.append(8)
                case UInt8(ascii: "f"): result.append(12)
                case UInt8(ascii: "u"):
                    guard at + 4 <= bytes.count,
                        let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
                    else { throw Failure("a broken escape in a JSON string") }
                    at += 4
                    result += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
                default: result.append(escaped)
                }
            }
            throw Failure("a JSON string without an end")
        }
    }
}
