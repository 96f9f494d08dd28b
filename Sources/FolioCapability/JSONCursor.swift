import FolioPolicy

/// Reads a JSON text (RFC 8259) from its bytes, value by value, knowing the line it is on.
///
/// Nothing is kept of what is read: a caller asks for the value it expects. Stricter than most: a name may not come twice
/// in an object, and nothing may follow the value. The bytes must outlive the cursor.
struct JSONCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var next = 0
    /// The line of what comes next, from 1 at the beginning of the text or from what the caller said.
    private(set) var line: Int

    /// - Parameter line: the number of the text's first line.
    init(_ bytes: UnsafeBufferPointer<UInt8>, line: Int) {
        self.bytes = bytes
        self.line = line
    }

    private var current: UInt8? {
        @inline(__always) get { next < bytes.count ? bytes[next] : nil }
    }

    // MARK: Errors

    func error(_ key: String?, _ message: String) -> QueryError { QueryError(line: line, key: key, message: message) }

    private func unexpected(_ wanted: String) -> QueryError {
        guard let byte = current else { return error(nil, "the document ends where \(wanted) is expected") }
        let shown = byte >= 0x20 && byte < 0x7f ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte \(byte)"
        return error(nil, "\(shown) where \(wanted) is expected")
    }

    /// An error about the value that comes next: what it is, and what it must be.
    mutating func wrong(_ key: String, wants: String) -> QueryError {
        skipBlanks()
        let start = line
        let kind: String
        switch current {
        case UInt8(ascii: "{"): kind = "an object"
        case UInt8(ascii: "["): kind = "a list"
        case UInt8(ascii: "\""): kind = "a string"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): kind = "true or false"
        case UInt8(ascii: "n"): kind = "null"
        case _ where isNumber():
            do {
                kind = try number() == nil ? "a number that is not whole or too large" : "a number"
            } catch {
                return error
            }
        default: return unexpected("a value")
        }
        return QueryError(line: start, key: key.isEmpty ? nil : key, message: "is \(kind), and must be \(wants)")
    }

    // MARK: Structure

    @inline(__always)
    private mutating func skipBlanks() {
        while next < bytes.count {
            switch bytes[next] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            case UInt8(ascii: "\n"): line += 1
            default: return
            }
            next += 1
        }
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard next < bytes.count, bytes[next] == byte else { return false }
        next += 1
        return true
    }

    /// What follows must be the end of the text.
    mutating func end() throws(QueryError) {
        skipBlanks()
        guard next == bytes.count else { throw error(nil, "something follows the end of the document") }
    }

    /// Goes through an object of known keys.
    ///
    /// - Parameters:
    ///   - path: the object's path, empty for the document itself.
    ///   - member: told the index in `keys` of each member whose value comes next, which it must read.
    mutating func object(
        _ path: String, keys: [FixedText],
        _ member: (inout JSONCursor, Int) throws(QueryError) -> Void
    ) throws(QueryError) {
        var seen: UInt64 = 0
        var likely = 0
        try members(path) { cursor throws(QueryError) in
            guard let index = try cursor.keyIndex(keys, likely) else { throw try cursor.unknownKey(path, keys) }
            guard seen & 1 << UInt64(index) == 0 else {
                throw cursor.error(Self.full(path, keys[index]), "given twice")
            }
            seen |= 1 << UInt64(index)
            likely = index + 1
            return index
        } value: { cursor, index throws(QueryError) in
            try member(&cursor, index)
        }
    }

    /// Goes through an object of any keys; a name that comes twice is the caller's to find.
    mutating func dictionary(
        _ path: String, _ member: (inout JSONCursor, String) throws(QueryError) -> Void
    ) throws(QueryError) {
        try members(path) { cursor throws(QueryError) in
            try cursor.text()
        } value: { cursor, name throws(QueryError) in
            try member(&cursor, name)
        }
    }

    /// Goes through an object: `key` reads each key, `value` the value that comes after it.
    @inline(__always)
    private mutating func members<Key>(
        _ path: String, key: (inout JSONCursor) throws(QueryError) -> Key,
        value: (inout JSONCursor, Key) throws(QueryError) -> Void
    ) throws(QueryError) {
        skipBlanks()
        guard current == UInt8(ascii: "{") else { throw wrong(path, wants: "an object") }
        next += 1
        skipBlanks()
        if take(UInt8(ascii: "}")) { return }
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
            let key = try key(&self)
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw unexpected("\":\"") }
            try value(&self, key)
            skipBlanks()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw unexpected("\",\" or \"}\"") }
        }
    }

    /// Goes through a list.
    ///
    /// - Parameter element: told the place of each element, which it must read.
    mutating func list(
        _ path: String, _ element: (inout JSONCursor, Int) throws(QueryError) -> Void
    ) throws(QueryError) {
        skipBlanks()
        guard current == UInt8(ascii: "[") else { throw wrong(path, wants: "a list") }
        next += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return }
        var index = 0
        while true {
            try element(&self, index)
            index += 1
            skipBlanks()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw unexpected("\",\" or \"]\"") }
        }
    }

    static func full(_ path: String, _ key: some CustomStringConvertible) -> String {
        path.isEmpty ? key.description : "\(path).\(key)"
    }

    /// The place in `keys` of the key that comes next; nil, with nothing read, where it is none of them.
    private mutating func keyIndex(_ keys: [FixedText], _ likely: Int) throws(QueryError) -> Int? {
        let start = next + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else {
            // An escape in it, or no end.
            let here = (next, line)
            let name = try text()
            guard let index = keys.firstIndex(where: { $0.description == name }) else {
                (next, line) = here
                return nil
            }
            return index
        }
        let name = UnsafeBufferPointer(rebasing: bytes[start..<end])
        for place in 0..<keys.count {
            let index = place + likely < keys.count ? place + likely : place + likely - keys.count
            if keys[index].withUTF8({ Self.equal($0, name) }) {
                next = end + 1
                return index
            }
        }
        return nil
    }

    @inline(__always)
    private static func equal(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left[index] != right[index] { return false }
        return true
    }

    private mutating func unknownKey(_ path: String, _ keys: [FixedText]) throws(QueryError) -> QueryError {
        let start = line
        let name = Self.full(path, try text())
        let known = keys.map(\.description).joined(separator: ", ")
        return QueryError(line: start, key: name, message: "is not a key here; there are \(known)")
    }

    // MARK: Values

    /// Whether null comes next, which is then read.
    mutating func takeNull() throws(QueryError) -> Bool {
        skipBlanks()
        guard current == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    private mutating func word(_ word: FixedText) throws(QueryError) {
        let matches = word.withUTF8 { word in
            next + word.count <= bytes.count
                && Self.equal(word, UnsafeBufferPointer(rebasing: bytes[next..<next + word.count]))
        }
        guard matches else { throw unexpected("a value") }
        next += word.withUTF8 { $0.count }
    }

    /// true or false; nil, with nothing read, where something else comes next.
    mutating func boolean() throws(QueryError) -> Bool? {
        skipBlanks()
        switch current {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        default: return nil
        }
    }

    /// Whether a string comes next.
    mutating func isString() -> Bool {
        skipBlanks()
        return current == UInt8(ascii: "\"")
    }

    /// Whether a list comes next.
    mutating func isList() -> Bool {
        skipBlanks()
        return current == UInt8(ascii: "[")
    }

    /// Whether a number comes next.
    mutating func isNumber() -> Bool {
        skipBlanks()
        guard let byte = current else { return false }
        return byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// A number's whole value; nil: it has a fraction or an exponent, or does not fit. A number must come next.
    mutating func number() throws(QueryError) -> Int? {
        let isNegative = take(UInt8(ascii: "-"))
        var value: Int? = 0
        if !take(UInt8(ascii: "0")) {
            let start = next
            while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                value = Self.appending(byte, to: value, isNegative)
                next += 1
            }
            guard next > start else { throw unexpected("a digit") }
        }
        if take(UInt8(ascii: ".")) {
            value = nil
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            value = nil
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return value
    }

    @inline(__always)
    private static func appending(_ byte: UInt8, to value: Int?, _ isNegative: Bool) -> Int? {
        guard let value else { return nil }
        let digit = Int(byte - UInt8(ascii: "0"))
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, again) =
            isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
        return overflow || again ? nil : sum
    }

    private mutating func digits() throws(QueryError) {
        let start = next
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { next += 1 }
        guard next > start else { throw unexpected("a digit") }
    }

    /// A string. A string must come next.
    mutating func text() throws(QueryError) -> String {
        next += 1
        let start = next
        var isASCII = true
        while next < bytes.count {
            let byte = bytes[next]
            if byte == UInt8(ascii: "\"") {
                let slice = UnsafeBufferPointer(rebasing: bytes[start..<next])
                next += 1
                return try string(slice, isASCII: isASCII)
            }
            if byte == UInt8(ascii: "\\") { return try escapedText(from: start) }
            guard byte >= 0x20 else { throw error(nil, "a control character in a string") }
            if byte >= 0x80 { isASCII = false }
            next += 1
        }
        throw error(nil, "a string does not end")
    }

    private func string(_ bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool) throws(QueryError) -> String {
        if isASCII { return String(decoding: bytes, as: UTF8.self) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw error(nil, "the document is not UTF-8")
        }
        return text
    }

    /// A string in which the first escape is at `next`.
    private mutating func escapedText(from start: Int) throws(QueryError) -> String {
        var content = Array(bytes[start..<next])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                next += 1
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw error(nil, "the document is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"):
                next += 1
                content += Array(String(try escape()).utf8)
            case 0..<0x20: throw error(nil, "a control character in a string")
            default:
                content.append(byte)
                next += 1
            }
        }
        throw error(nil, "a string does not end")
    }

    private mutating func escape() throws(QueryError) -> Unicode.Scalar {
        guard let byte = current else { throw error(nil, "a string does not end") }
        next += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw error(nil, "an escape that JSON does not have")
        }
    }

    /// What follows `\u`, with the second half of a pair.
    private mutating func unicode() throws(QueryError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw error(nil, "half of a pair of \\u escapes")
        }
        let second = try hexadecimal()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw error(nil, "half of a pair of \\u escapes") }
        return scalar
    }

    private mutating func hexadecimal() throws(QueryError) -> UInt32 {
        guard next + 4 <= bytes.count else { throw error(nil, "a string does not end") }
        var number: UInt32 = 0
        for byte in bytes[next..<next + 4] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error(nil, "\\u is followed by four hexadecimal digits")
            }
            number = number << 4 | UInt32(digit)
        }
        next += 4
        return number
    }
}
