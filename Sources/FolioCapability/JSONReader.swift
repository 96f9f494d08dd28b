/// Reads a whole JSON text into a `JSONValue`, for what is read rarely: a schema. Nesting ends at 64.
struct JSONReader {
    private let bytes: [UInt8]
    private let line: Int

    private static let depthLimit = 64

    /// - Parameter line: the number of the text's first line.
    init(_ text: String, line: Int) {
        bytes = Array(text.utf8)
        self.line = line
    }

    /// The one value of the text.
    mutating func document() throws(QueryError) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { bytes -> Result<JSONValue, QueryError> in
            Result { () throws(QueryError) in
                var cursor = JSONCursor(bytes, line: line)
                let value = try Self.value(&cursor, depth: 0)
                try cursor.end()
                return value
            }
        }
        return try result.get()
    }

    private static func value(_ cursor: inout JSONCursor, depth: Int) throws(QueryError) -> JSONValue {
        guard depth <= depthLimit else { throw cursor.error(nil, "nested more than \(depthLimit) deep") }
        if cursor.isString() {
            let line = cursor.line
            return JSONValue(content: .string(try cursor.text()), line: line)
        }
        let line = cursor.line
        if cursor.isNumber() { return JSONValue(content: .number(try cursor.number()), line: line) }
        if let flag = try cursor.boolean() { return JSONValue(content: .boolean(flag), line: line) }
        if try cursor.takeNull() { return JSONValue(content: .null, line: line) }
        if cursor.isList() {
            var values: [JSONValue] = []
            try cursor.list("") { (cursor, _) throws(QueryError) in
                values.append(try value(&cursor, depth: depth + 1))
            }
            return JSONValue(content: .array(values), line: line)
        }
        var members: [(name: String, line: Int, value: JSONValue)] = []
        var names: Set<String> = []
        try cursor.dictionary("") { (cursor, name) throws(QueryError) in
            let line = cursor.line
            guard names.insert(name).inserted else { throw QueryError(line: line, key: name, message: "given twice") }
            members.append((name, line, try value(&cursor, depth: depth + 1)))
        }
        return JSONValue(content: .object(members), line: line)
    }
}
