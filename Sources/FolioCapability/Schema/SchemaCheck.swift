/// Holds a TOML document against the published JSON Schema: everything that is wrong, with its place and what to write.
package struct SchemaCheck {
    private let file: String
    private(set) var problems: [ManifestError] = []

    /// The schema that is published as Plugins/capability.schema.json.
    static func schema() throws(ManifestError) -> SchemaNode {
        do {
            return try SchemaNode(document: BuiltInManifests.schema)
        } catch {
            throw ManifestError("the built-in schema is no JSON: \(error)", in: "capability.schema.json")
        }
    }

    /// Everything about `root` that the schema forbids, in the order of the text.
    static func problems(_ root: ManifestNode, file: String) throws(ManifestError) -> [ManifestError] {
        problems(root, try schema(), "the manifest", file: file)
    }

    /// Everything about `root` that a schema forbids, in the order of the text.
    ///
    /// - Parameter name: what the whole is called in a message.
    package static func problems(
        _ root: ManifestNode, _ schema: SchemaNode, _ name: String, file: String
    ) -> [ManifestError] {
        var check = SchemaCheck(file: file)
        check.check(root, schema, name)
        return check.problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    private init(file: String) { self.file = file }

    private mutating func report(_ message: String, _ suggestion: String?, at position: SourcePosition) {
        problems.append(ManifestError(message, in: file, at: position, suggestion: suggestion))
    }

    /// - Parameter name: what the value is called in a message: its key, or `an element of aliases`.
    private mutating func check(_ node: ManifestNode, _ schema: SchemaNode, _ name: String) {
        let alternatives = schema.alternatives
        guard alternatives.isEmpty else {
            guard let chosen = alternatives.first(where: { Self.fits(node, $0) }) else {
                report(
                    "\(name) is \(node.value.kind)", "write \(Self.or(schema.examples.map(Self.toml)))",
                    at: node.position)
                return
            }
            if case .string(let text) = node.value, let words = chosen.words, !words.contains(text) {
                let near = NearestWord.find(text, among: words).map { "did you mean \"\($0)\"?" }
                let all = "write " + Self.or(schema.examples.map(Self.toml))
                report("\(name) is \"\(text)\"", near ?? all, at: node.position)
                return
            }
            check(node, chosen, name)
            return
        }
        guard Self.fits(node, schema) else {
            let wanted = Self.kind(schema.type)
            var example =
                schema.type == "boolean"
                ? "write true or false" : schema.examples.first.map { "write \(Self.toml($0))" }
            if case .table = node.value, schema.items?.type == "object" { example = "begin it with [[\(name)]]" }
            report("\(name) is \(wanted), not \(node.value.kind)", example, at: node.position)
            return
        }
        switch node.value {
        case .string(let text): check(text, node, schema, name)
        case .integer(let number): check(number, node, schema, name)
        case .array(let nodes): check(nodes, node, schema, name)
        case .table(let entries): check(entries, node, schema, name)
        case .boolean, .other: break
        }
    }

    private mutating func check(_ text: String, _ node: ManifestNode, _ schema: SchemaNode, _ name: String) {
        if let least = schema.limit("minLength"), text.unicodeScalars.count < least {
            let example = schema.examples.first.map { "write something like \(Self.toml($0))" }
            report("\(name) is empty", example ?? "leave it out", at: node.position)
            return
        }
        if let words = schema.words, !words.contains(text) {
            let near = NearestWord.find(text, among: words).map { "did you mean \"\($0)\"?" }
            let all = "write \(words.count == 1 ? "" : "one of ")" + words.map { "\"\($0)\"" }.joined(separator: ", ")
            report("\(name) is \"\(text)\"", near ?? all, at: node.position)
            return
        }
        guard let pattern = schema.pattern, !Self.matches(text, pattern) else { return }
        let like = "write it like " + Self.or(schema.examples.map(Self.toml))
        let better = schema.format == "kernel-range" ? KernelRangeText.suggestion(text).map { "write \"\($0)\"" } : nil
        report("\(name) is \"\(text)\"", better ?? like, at: node.position)
    }

    private mutating func check(_ number: Int, _ node: ManifestNode, _ schema: SchemaNode, _ name: String) {
        let least = schema.limit("minimum") ?? .min
        let most = schema.limit("maximum") ?? .max
        guard number < least || number > most else { return }
        report("\(name) is \(number)", "write a number from \(least) to \(most)", at: node.position)
    }

    private mutating func check(_ nodes: [ManifestNode], _ node: ManifestNode, _ schema: SchemaNode, _ name: String) {
        if let least = schema.limit("minItems"), nodes.count < least {
            let example = schema.examples.first.map { ", or write something like \(Self.toml($0))" }
            report("\(name) is an empty list", "leave it out" + (example ?? ""), at: node.position)
        }
        if let most = schema.limit("maxItems"), nodes.count > most {
            report("\(name) has \(nodes.count) elements", "write at most \(most)", at: node.position)
        }
        guard let items = schema.items else { return }
        for element in nodes { check(element, items, items.title ?? "an element of \(name)") }
    }

    private mutating func check(
        _ entries: [String: ManifestNode], _ node: ManifestNode, _ schema: SchemaNode, _ name: String
    ) {
        let title = schema.title ?? name
        if let least = schema.limit("minProperties"), entries.count < least {
            let keys = schema.keys.joined(separator: ", ")
            report("\(title) states no condition", "leave it out, or give one of \(keys)", at: node.position)
        }
        for key in schema.required where entries[key] == nil {
            let examples = schema.property(key)?.examples ?? []
            let example = examples.first.map { "add \(key) = \(Self.toml($0))" } ?? "add it"
            report("\(title) lacks the key \"\(key)\"", example, at: node.keyPosition)
        }
        for (key, value) in entries.sorted(by: { $0.value.keyPosition < $1.value.keyPosition }) {
            if let property = schema.property(key) {
                check(value, property, key)
            } else if let other = schema.additional {
                checkKey(key, value, schema, title)
                check(value, other, "\(title).\(key)")
            } else {
                report(
                    "unknown key \"\(key)\" in \(title)", Self.suggestion(forKey: key, schema), at: value.keyPosition)
            }
        }
    }

    private mutating func checkKey(_ key: String, _ value: ManifestNode, _ schema: SchemaNode, _ title: String) {
        guard let pattern = schema.keyPattern, !Self.matches(key, pattern) else { return }
        var name = key.uppercased()
        if name.hasPrefix("CONFIG_") { name.removeFirst("CONFIG_".count) }
        let better = Self.matches(name, pattern) ? "write \(name)" : nil
        report("\(key) is no key of \(title)", better, at: value.keyPosition)
    }

    // MARK: Words

    private static func suggestion(forKey key: String, _ schema: SchemaNode) -> String {
        if let near = NearestWord.find(key, among: schema.keys) { return "did you mean \"\(near)\"?" }
        let homes = schema.keys.filter { schema.property($0)?.keys.contains(key) == true }
        guard homes.isEmpty else { return "it belongs inside " + or(homes) }
        let tables = schema.keys.filter { schema.property($0)?.items?.keys.contains(key) == true }
        guard tables.isEmpty else { return "it belongs below " + or(tables.map { "[[\($0)]]" }) }
        return "it takes " + schema.keys.joined(separator: ", ")
    }

    private static func fits(_ node: ManifestNode, _ schema: SchemaNode) -> Bool {
        switch (node.value, schema.type) {
        case (.string, "string"?), (.integer, "integer"?), (.boolean, "boolean"?), (.array, "array"?),
            (.table, "object"?):
            true
        case (_, nil): true
        default: false
        }
    }

    private static func kind(_ type: String?) -> String {
        switch type {
        case "string": "a string"
        case "integer": "a whole number"
        case "boolean": "true or false"
        case "array": "a list"
        default: "a table"
        }
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.wholeMatch(of: expression) != nil
    }

    private static func or(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "something else" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    /// A value as TOML writes it.
    private static func toml(_ value: JSONValue) -> String {
        switch value.content {
        case .null: return "\"\""
        case .boolean(let flag): return flag ? "true" : "false"
        case .number(let number): return number.map(String.init) ?? "0"
        case .string(let text): return "\"\(text)\""
        case .array(let values): return "[" + values.map(toml).joined(separator: ", ") + "]"
        case .object(let entries):
            return "{ " + entries.map { "\($0.name) = \(toml($0.value))" }.joined(separator: ", ") + " }"
        }
    }
}
