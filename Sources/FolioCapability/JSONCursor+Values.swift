import FolioPolicy

/// The values of a query document. Null is read as nil: unknown.
extension JSONCursor {
    mutating func stringValue(_ path: String, _ key: FixedText) throws(QueryError) -> String? {
        if try takeNull() { return nil }
        guard isString() else { throw wrong(Self.full(path, key), wants: "a string") }
        return try text()
    }

    mutating func booleanValue(_ path: String, _ key: FixedText) throws(QueryError) -> Bool? {
        if let flag = try boolean() { return flag }
        if try takeNull() { return nil }
        throw wrong(Self.full(path, key), wants: "true or false")
    }

    /// A whole number in `range`.
    mutating func integerValue(
        _ path: String, _ key: FixedText, in range: ClosedRange<Int> = 0...Int.max
    ) throws(QueryError) -> Int? {
        guard isNumber() else {
            if try takeNull() { return nil }
            throw wrong(Self.full(path, key), wants: "a whole number")
        }
        let before = self
        guard let number = try number() else {
            self = before
            throw wrong(Self.full(path, key), wants: "a whole number")
        }
        guard range.contains(number) else {
            let limit = range.upperBound == Int.max ? "" : " and not above \(range.upperBound)"
            throw error(Self.full(path, key), "is \(number), and must not be below \(range.lowerBound)\(limit)")
        }
        return number
    }

    /// A virtual address: `"0x7f0000000000"`, or a whole number.
    mutating func addressValue(_ path: String, _ key: FixedText) throws(QueryError) -> UInt64? {
        let wants = "an address like \"0x7f0000000000\""
        if isNumber() {
            let before = self
            if let number = try number(), number >= 0 { return UInt64(number) }
            self = before
            throw wrong(Self.full(path, key), wants: wants)
        }
        if try takeNull() { return nil }
        guard isString() else { throw wrong(Self.full(path, key), wants: wants) }
        let text = try text()
        guard let address = Self.address(text) else {
            throw error(Self.full(path, key), "is \"\(text)\", and must be \(wants)")
        }
        return address
    }

    private static func address(_ text: String) -> UInt64? {
        let digits = text.utf8.dropFirst(2)
        guard text.hasPrefix("0x"), !digits.isEmpty, digits.count <= 16 else { return nil }
        var address: UInt64 = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            address = address << 4 | UInt64(digit)
        }
        return address
    }

    /// A word of a fixed vocabulary.
    mutating func wordValue<Word>(_ path: String, _ key: FixedText, _: Word.Type) throws(QueryError) -> Word?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        if try takeNull() { return nil }
        guard isString() else { throw wrong(Self.full(path, key), wants: "a string") }
        let text = try text()
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        throw error(Self.full(path, key), "is \"\(text)\", and must be one of \(words)")
    }

    mutating func stringsValue(_ path: String, _ key: FixedText) throws(QueryError) -> Set<String>? {
        if try takeNull() { return nil }
        var strings: Set<String> = []
        try list(Self.full(path, key)) { (cursor, _) throws(QueryError) in
            guard cursor.isString() else { throw cursor.wrong(Self.full(path, key), wants: "a list of strings") }
            strings.insert(try cursor.text())
        }
        return strings
    }

    /// An object of any names, each with a value that `read` makes of what comes next, nil where it is no such value.
    mutating func dictionaryValue<Value>(
        _ path: String, _ key: FixedText, wants: String,
        _ read: (inout JSONCursor) throws(QueryError) -> Value?
    ) throws(QueryError) -> [String: Value]? {
        if try takeNull() { return nil }
        let full = Self.full(path, key)
        var found: [String: Value] = [:]
        try dictionary(full) { (cursor, name) throws(QueryError) in
            guard let value = try read(&cursor) else { throw cursor.wrong("\(full).\(name)", wants: wants) }
            guard found.updateValue(value, forKey: name) == nil else {
                throw cursor.error("\(full).\(name)", "given twice")
            }
        }
        return found
    }
}
