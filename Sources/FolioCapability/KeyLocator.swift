/// Finds where each key and value of a TOML document stands.
///
/// TOMLKit tells positions of syntax errors only. On a text that is valid this finds them all; on one that is not it ends
/// all the same, and what it found up to the first error is right.
struct KeyLocator {
    /// A step down into a document.
    enum Step: Hashable {
        /// Into a table, by key.
        case key(String)
        /// Into an array, by index from 0.
        case index(Int)
    }

    /// Where the first mention of each key is.
    private(set) var keys: [[Step]: SourcePosition] = [:]
    /// Where each value begins.
    private(set) var values: [[Step]: SourcePosition] = [:]

    /// A place where the library would abort, which no valid text has.
    struct Hazard {
        let position: SourcePosition
        /// Where the line, or the pair, with it begins, in scalars from the beginning of the text.
        let statement: Int
        /// What is wrong there.
        let message: String
    }

    /// The first hazard.
    private(set) var hazard: Hazard?
    /// Where the header or pair that is being walked begins.
    private var statement = 0

    private let text: [Unicode.Scalar]
    private var next = 0
    private var position = SourcePosition.start
    /// How many elements each array of tables has so far.
    private var tableCounts: [[Step]: Int] = [:]

    init(_ document: String) {
        text = Array(document.unicodeScalars)
        walkDocument()
    }

    // MARK: Characters

    private var current: Unicode.Scalar? { next < text.count ? text[next] : nil }

    private func ahead(_ count: Int) -> Unicode.Scalar? { next + count < text.count ? text[next + count] : nil }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count {
            guard let scalar = current else { return }
            next += 1
            if scalar == "\n" {
                position = SourcePosition(line: position.line + 1, column: 1)
            } else {
                position.column += 1
            }
        }
    }

    /// - Parameter lines: past ends of lines and comments as well.
    private mutating func skipBlanks(lines: Bool) {
        while let scalar = current {
            switch scalar {
            case " ", "\t", "\r": advance()
            case "\n" where lines: advance()
            case "#" where lines: skipLine()
            default: return
            }
        }
    }

    /// What the library passes over before the name in a header: a carriage return there is a name to it, of which it aborts.
    private mutating func skipSpaces() {
        while current == " " || current == "\t" { advance() }
    }

    private mutating func skipLine() {
        while let scalar = current, scalar != "\n" { advance() }
    }

    // MARK: Structure

    private mutating func walkDocument() {
        var table: [Step] = []
        while true {
            skipBlanks(lines: true)
            guard let scalar = current else { return }
            statement = next
            if scalar == "[" {
                table = walkHeader()
            } else {
                walkPair(in: table)
            }
            skipLine()
        }
    }

    /// `[a.b]` or `[[a.b]]`.
    private mutating func walkHeader() -> [Step] {
        let start = position
        advance()
        skipSpaces()
        let isArray = current == "["
        if isArray { advance() }
        skipSpaces()
        let isNamed = current.map { Self.isBare($0) || $0 == "\"" || $0 == "'" } ?? false
        if !isNamed { noteHazard("a table header has a name, like [[capability]]") }
        var path: [Step] = []
        let names = walkKey()
        for (place, name) in names.enumerated() {
            path.append(.key(name.text))
            note(path, key: name.position, value: start)
            let isLast = place == names.count - 1
            if isLast && isArray {
                tableCounts[path, default: 0] += 1
            }
            if let count = tableCounts[path] {
                path.append(.index(count - 1))
                note(path, key: start, value: start)
            }
        }
        return path
    }

    /// `a.b = value`.
    private mutating func walkPair(in table: [Step]) {
        var path = table
        for name in walkKey() {
            path.append(.key(name.text))
            note(path, key: name.position, value: name.position)
        }
        skipBlanks(lines: false)
        guard current == "=" else {
            advance()
            return
        }
        advance()
        walkValue(path)
    }

    /// The parts of a dotted key.
    private mutating func walkKey() -> [(text: String, position: SourcePosition)] {
        var parts: [(text: String, position: SourcePosition)] = []
        while true {
            skipBlanks(lines: false)
            let start = position
            guard let scalar = current else { return parts }
            if scalar == "\"" || scalar == "'" {
                parts.append((walkString(), start))
            } else {
                var name = String.UnicodeScalarView()
                while let scalar = current, Self.isBare(scalar) {
                    name.append(scalar)
                    advance()
                }
                guard !name.isEmpty else { return parts }
                parts.append((String(name), start))
            }
            skipBlanks(lines: false)
            guard current == "." else { return parts }
            advance()
        }
    }

    private mutating func walkValue(_ path: [Step]) {
        skipBlanks(lines: true)
        values[path] = position
        switch current {
        case "\"", "'": _ = walkString()
        case "[": walkArray(path)
        case "{": walkInlineTable(path)
        default:
            while let scalar = current, !Self.endsValue(scalar) { advance() }
        }
    }

    private mutating func walkArray(_ path: [Step]) {
        advance()
        var index = 0
        while true {
            skipBlanks(lines: true)
            guard let scalar = current else { return }
            switch scalar {
            case "]":
                advance()
                return
            case ",": advance()
            default:
                if scalar == "}" { noteHazard("a list ends with ], not with }") }
                let before = next
                walkValue(path + [.index(index)])
                keys[path + [.index(index)]] = values[path + [.index(index)]]
                index += 1
                if next == before { advance() }
            }
        }
    }

    private mutating func walkInlineTable(_ path: [Step]) {
        advance()
        while true {
            skipBlanks(lines: true)
            guard let scalar = current else { return }
            switch scalar {
            case "}":
                advance()
                return
            case ",": advance()
            default: walkPair(in: path)
            }
        }
    }

    /// A string in any of its four forms; escapes of a key's name are taken as they are written.
    private mutating func walkString() -> String {
        guard let quote = current else { return "" }
        let isLong = ahead(1) == quote && ahead(2) == quote
        advance(isLong ? 3 : 1)
        var content = String.UnicodeScalarView()
        while let scalar = current {
            if scalar == "\\" && quote == "\"" {
                advance(2)
            } else if scalar == quote && (!isLong || (ahead(1) == quote && ahead(2) == quote)) {
                advance(isLong ? 3 : 1)
                // A long string may end with quotes of its own.
                while isLong && current == quote { advance() }
                return String(content)
            } else {
                content.append(scalar)
                advance()
            }
        }
        return String(content)
    }

    private mutating func noteHazard(_ message: String) {
        guard hazard == nil else { return }
        hazard = Hazard(position: position, statement: statement, message: message)
    }

    private mutating func note(_ path: [Step], key: SourcePosition, value: SourcePosition) {
        if keys[path] == nil { keys[path] = key }
        if values[path] == nil { values[path] = value }
    }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }

    private static func endsValue(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ",", "]", "}", "\n", "#": true
        default: false
        }
    }
}
