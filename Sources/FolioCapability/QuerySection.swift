/// One object of a query document, read key by key with errors that name the key and its line.
struct QuerySection {
    /// The path of the object, empty for the document itself.
    let path: String
    /// Where the object begins.
    let line: Int
    private let members: [String: JSONValue]

    /// - Throws: where `value` is no object, or has a key that is not in `keys`.
    init(_ value: JSONValue, path: String, keys: [String]) throws(QueryError) {
        guard case .object(let members) = value.content else {
            let key = path.isEmpty ? nil : path
            throw QueryError(line: value.line, key: key, message: "is \(value.kind), and must be an object")
        }
        self.path = path
        line = value.line
        for member in members where !keys.contains(member.name) {
            let full = path.isEmpty ? member.name : "\(path).\(member.name)"
            throw QueryError(
                line: member.line, key: full, message: "is not a key here; there are \(keys.joined(separator: ", "))")
        }
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// The value of a key; nil: it is left out or null, and so unknown.
    subscript(key: String) -> JSONValue? {
        guard let value = members[key] else { return nil }
        if case .null = value.content { return nil }
        return value
    }

    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func error(_ key: String, _ value: JSONValue, _ message: String) -> QueryError {
        QueryError(line: value.line, key: name(key), message: message)
    }

    func wrong(_ key: String, _ value: JSONValue, wants: String) -> QueryError {
        error(key, value, "is \(value.kind), and must be \(wants)")
    }

    func section(_ key: String, keys: [String]) throws(QueryError) -> QuerySection? {
        guard let value = self[key] else { return nil }
        return try QuerySection(value, path: name(key), keys: keys)
    }

    func string(_ key: String) throws(QueryError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let text) = value.content else { throw wrong(key, value, wants: "a string") }
        return text
    }

    func boolean(_ key: String) throws(QueryError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .boolean(let flag) = value.content else { throw wrong(key, value, wants: "true or false") }
        return flag
    }

    /// A whole number, not below `minimum`.
    func integer(_ key: String, in range: ClosedRange<Int> = 0...Int.max) throws(QueryError) -> Int? {
        guard let value = self[key] else { return nil }
        guard case .number(let number?) = value.content else { throw wrong(key, value, wants: "a whole number") }
        guard range.contains(number) else {
            let limit = range.upperBound == Int.max ? "" : " and not above \(range.upperBound)"
            throw error(key, value, "is \(number), and must not be below \(range.lowerBound)\(limit)")
        }
        return number
    }

    /// A virtual address: `"0x7f0000000000"`, or a whole number.
    func address(_ key: String) throws(QueryError) -> UInt64? {
        guard let value = self[key] else { return nil }
        let wants = "an address like \"0x7f0000000000\""
        switch value.content {
        case .number(let number?) where number >= 0: return UInt64(number)
        case .string(let text) where text.hasPrefix("0x") && !text.contains("+") && !text.contains("-"):
            guard let address = UInt64(text.dropFirst(2), radix: 16) else {
                throw error(key, value, "is \"\(text)\", and must be \(wants)")
            }
            return address
        case .string(let text): throw error(key, value, "is \"\(text)\", and must be \(wants)")
        default: throw wrong(key, value, wants: wants)
        }
    }

    func list(_ key: String) throws(QueryError) -> [JSONValue]? {
        guard let value = self[key] else { return nil }
        guard case .array(let values) = value.content else { throw wrong(key, value, wants: "a list") }
        return values
    }

    func strings(_ key: String) throws(QueryError) -> Set<String>? {
        guard let values = try list(key) else { return nil }
        var strings: Set<String> = []
        for value in values {
            guard case .string(let text) = value.content else { throw wrong(key, value, wants: "a list of strings") }
            strings.insert(text)
        }
        return strings
    }

    /// A word of a fixed vocabulary.
    func word<Word>(_ key: String, _: Word.Type) throws(QueryError) -> Word?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        guard let value = self[key], let text = try string(key) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw error(key, value, "is \"\(text)\", and must be one of \(words)")
        }
        return word
    }

    /// An object of any names, each with a value that `read` makes of it.
    func dictionary<Value>(
        _ key: String, _ read: (JSONValue) -> Value?, wants: String
    ) throws(QueryError) -> [String: Value]? {
        guard let value = self[key] else { return nil }
        guard case .object(let members) = value.content else { throw wrong(key, value, wants: "an object") }
        var found: [String: Value] = [:]
        for member in members {
            guard let entry = read(member.value) else {
                throw wrong("\(key).\(member.name)", member.value, wants: wants)
            }
            found[member.name] = entry
        }
        return found
    }
}
