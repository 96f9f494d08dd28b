import TOMLKit

/// The only place that knows the TOML library.
enum TOMLDocument {
    /// The document as one table.
    static func parse(_ text: String, file: String) throws(ManifestError) -> ManifestNode {
        if let position = firstNUL(text) {
            throw ManifestError("a manifest holds no NUL character", in: file, at: position)
        }
        let locator = KeyLocator(text)
        if let hazard = locator.hazard {
            // What is wrong before it comes first.
            var before = String.UnicodeScalarView()
            before.append(contentsOf: text.unicodeScalars.prefix(hazard.statement))
            _ = try table(String(before), file: file)
            throw ManifestError(hazard.message, in: file, at: hazard.position)
        }
        let root = try table(text, file: file)
        return withExtendedLifetime(root) { node(root, at: [], locator) }
    }

    private static func table(_ text: String, file: String) throws(ManifestError) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            let position = SourcePosition(line: max(begin.line, 1), column: max(begin.column, 1))
            throw ManifestError(sentence(error.description), in: file, at: position)
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
