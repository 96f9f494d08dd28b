import TOMLKit

/// The only place that knows the TOML library.
package enum TOMLDocument {
    /// What a kind of file has of its own, for advice about mistakes of syntax.
    package struct Form: Sendable {
        /// What such a file is called: `a manifest`.
        let name: String
        /// The tables that it has: `[[capability]] or [[example]]`.
        let tables: String
        /// A table on one line that may be in it.
        let inlineTable: String

        /// A form from its parts.
        package init(name: String, tables: String, inlineTable: String) {
            self.name = name
            self.tables = tables
            self.inlineTable = inlineTable
        }

        static let manifest = Form(
            name: "a manifest", tables: "[[capability]] or [[example]]", inlineTable: "{ min = 0, max = \"pmd\" }")
    }

    /// The document as one table.
    package static func parse(
        _ text: String, file: String, as form: Form = .manifest
    ) throws(ManifestError) -> ManifestNode {
        if let position = firstNUL(text) {
            throw ManifestError(
                "\(form.name) holds no NUL character", in: file, at: position, suggestion: "take it out")
        }
        let locator = KeyLocator(text)
        if let hazard = locator.hazard {
            // What is wrong before it comes first.
            var before = String.UnicodeScalarView()
            before.append(contentsOf: text.unicodeScalars.prefix(hazard.statement))
            _ = try table(String(before), file: file, form)
            throw ManifestError(hazard.message, in: file, at: hazard.position)
        }
        let root = try table(text, file: file, form)
        return withExtendedLifetime(root) { node(root, at: [], locator) }
    }

    private static func table(_ text: String, file: String, _ form: Form) throws(ManifestError) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            let position = SourcePosition(line: max(begin.line, 1), column: max(begin.column, 1))
            let message = sentence(error.description)
            throw ManifestError(message, in: file, at: position, suggestion: suggestion(message, form))
        } catch {
            throw ManifestError("\(error)", in: file)
        }
    }

    private static func node(
        _ value: any TOMLValueConvertible, at path: [KeyLocator.Step], _ locator: KeyLocator
    ) -> ManifestNode {
        let position = locator.values[path] ?? .start
        return ManifestNode(
            value: convert(value, at: path, locator), position: position, keyPosition: locator.keys[path] ?? position)
    }

    private static func convert(
        _ value: any TOMLValueConvertible, at path: [KeyLocator.Step], _ locator: KeyLocator
    ) -> ManifestNode.Value {
        if let string = value.string { return .string(string) }
        if let number = value.int { return .integer(number) }
        if let flag = value.bool { return .boolean(flag) }
        if let array = value.array {
            var nodes: [ManifestNode] = []
            for index in 0..<array.count { nodes.append(node(array[index], at: path + [.index(index)], locator)) }
            return .array(nodes)
        }
        if let table = value.table {
            var nodes: [String: ManifestNode] = [:]
            for key in table.keys {
                guard let entry = table[key] else { continue }
                nodes[key] = node(entry, at: path + [.key(key)], locator)
            }
            return .table(nodes)
        }
        return .other
    }

    /// The library's message without what it says twice.
    private static func sentence(_ text: String) -> String {
        let prefix = "Error while parsing "
        return text.hasPrefix(prefix) ? "in " + text.dropFirst(prefix.count) : text
    }

    /// What to do about a mistake of syntax, by the library's words for it.
    private static func suggestion(_ message: String, _ form: Form) -> String {
        if message.contains("cannot redefine") { return "take one of the two out" }
        if message.contains("expected value") {
            return "write a value after the =: \"text\", 9, true, [\"a\"] or { a = 1 }"
        }
        if message.contains("string") { return "end the text with the quote it began with" }
        if message.contains("inline table") { return "write it on one line, like \(form.inlineTable)" }
        if message.contains("array") { return "write it like [\"a\", \"b\"]" }
        return "write it as TOML: key = value, one to a line, below \(form.tables)"
    }

    private static func firstNUL(_ text: String) -> SourcePosition? {
        var position = SourcePosition.start
        for scalar in text.unicodeScalars {
            if scalar == "\0" { return position }
            if scalar == "\n" {
                position = SourcePosition(line: position.line + 1, column: 1)
            } else {
                position.column += 1
            }
        }
        return nil
    }
}
