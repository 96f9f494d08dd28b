/// One schema inside the published JSON Schema, as far as that uses the language (draft 2020-12).
package struct SchemaNode {
    /// The members by their names, those of what `$ref` leads to overridden by the ones beside it.
    private let members: [String: JSONValue]
    private let definitions: [String: JSONValue]

    /// A document that holds a schema.
    /// - Throws: where the text is no JSON object.
    package init(document text: String) throws(QueryError) {
        var reader = JSONReader(text, line: 1)
        let root = try reader.document()
        self.init(root, definitions: Self.object(Self.object(root)["$defs"]))
    }

    private init(_ value: JSONValue, definitions: [String: JSONValue]) {
        var members = Self.object(value)
        // A reference may lead to another.
        while case .string(let reference)? = members["$ref"]?.content {
            members["$ref"] = nil
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            members = Self.object(definitions[name]).merging(members) { $1 }
        }
        self.members = members
        self.definitions = definitions
    }

    /// `object`, `array`, `string`, `integer`, `boolean`; nil: not said.
    var type: String? { text("type") }
    /// What a person calls it.
    var title: String? { text("title") }
    /// A word for what a string must be that `pattern` cannot explain.
    var format: String? { text("format") }
    /// What a string must look like.
    var pattern: String? { text("pattern") }
    /// The words a string can be; nil: any.
    var words: [String]? { strings("enum") }
    /// The keys that must be there.
    var required: [String] { strings("required") ?? [] }
    /// Values of which exactly one schema must hold; empty: not used.
    package var alternatives: [SchemaNode] { list("oneOf").map { SchemaNode($0, definitions: definitions) } }
    /// What each element of a list must be.
    package var items: SchemaNode? { members["items"].map { SchemaNode($0, definitions: definitions) } }
    /// What each value must be whose key `properties` does not have; nil: no such key is allowed, or any is.
    var additional: SchemaNode? {
        guard let value = members["additionalProperties"], case .object = value.content else { return nil }
        return SchemaNode(value, definitions: definitions)
    }
    /// What each key must look like.
    var keyPattern: String? {
        members["propertyNames"].flatMap { SchemaNode($0, definitions: definitions).pattern }
    }
    /// Values that are right, the first the most telling.
    var examples: [JSONValue] { list("examples") }

    /// The names of the keys, in the order of the schema.
    package var keys: [String] {
        guard case .object(let entries)? = members["properties"]?.content else { return [] }
        return entries.map(\.name)
    }

    /// The schema of a key's value; nil: it is none of `keys`.
    package func property(_ key: String) -> SchemaNode? {
        Self.object(members["properties"])[key].map { SchemaNode($0, definitions: definitions) }
    }

    /// A limit: `minimum`, `maximum`, `minItems`, `maxItems`, `minLength`, `minProperties`; nil: there is none.
    func limit(_ name: String) -> Int? {
        guard case .number(let number)? = members[name]?.content else { return nil }
        return number
    }

    private func text(_ name: String) -> String? {
        guard case .string(let text)? = members[name]?.content else { return nil }
        return text
    }

    private func list(_ name: String) -> [JSONValue] {
        guard case .array(let values)? = members[name]?.content else { return [] }
        return values
    }

    private func strings(_ name: String) -> [String]? {
        guard members[name] != nil else { return nil }
        return list(name).compactMap { value in
            guard case .string(let text) = value.content else { return nil }
            return text
        }
    }

    private static func object(_ value: JSONValue?) -> [String: JSONValue] {
        guard case .object(let entries)? = value?.content else { return [:] }
        return Dictionary(entries.map { ($0.name, $0.value) }) { $1 }
    }
}
