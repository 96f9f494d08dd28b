/// One table of a manifest, read key by key with errors that say where.
struct ManifestSection {
    let file: String
    /// What the table is in a message: `a [[capability]] row`.
    let title: String
    /// Where the table begins.
    let position: SourcePosition
    private let entries: [String: ManifestNode]

    /// - Throws: where `node` is no table, or has a key that is not in `keys`.
    init(_ node: ManifestNode, title: String, keys: [String], file: String) throws(ManifestError) {
        guard case .table(let entries) = node.value else {
            throw ManifestError("\(title) is a table, not \(node.value.kind)", in: file, at: node.position)
        }
        self.file = file
        self.title = title
        self.position = node.keyPosition
        self.entries = entries
        let unknown = entries.filter { !keys.contains($0.key) }.sorted { $0.value.keyPosition < $1.value.keyPosition }
        if let (key, value) = unknown.first {
            throw ManifestError(
                "unknown key \"\(key)\" in \(title); it takes \(keys.joined(separator: ", "))", in: file,
                at: value.keyPosition)
        }
    }

    /// The value of a key; nil: it is left out.
    subscript(key: String) -> ManifestNode? { entries[key] }

    func error(_ message: String, at node: ManifestNode, suggestion: String? = nil) -> ManifestError {
        ManifestError(message, in: file, at: node.position, suggestion: suggestion)
    }

    func wrongType(_ key: String, _ node: ManifestNode, wants: String) -> ManifestError {
        error("\(key) is \(wants), not \(node.value.kind)", at: node)
    }

    func require(_ key: String) throws(ManifestError) -> ManifestNode {
        guard let node = entries[key] else {
            throw ManifestError("\(title) lacks the key \"\(key)\"", in: file, at: position)
        }
        return node
    }

    func string(_ key: String) throws(ManifestError) -> String? {
        guard let node = entries[key] else { return nil }
        return try string(key, node)
    }

    func string(_ key: String, _ node: ManifestNode) throws(ManifestError) -> String {
        guard case .string(let text) = node.value else { throw wrongType(key, node, wants: "a string") }
        guard !text.isEmpty else { throw error("\(key) is empty", at: node) }
        return text
    }

    func boolean(_ key: String) throws(ManifestError) -> Bool? {
        guard let node = entries[key] else { return nil }
        guard case .boolean(let flag) = node.value else { throw wrongType(key, node, wants: "true or false") }
        return flag
    }

    /// A whole number inside `range`.
    func integer(_ key: String, in range: ClosedRange<Int>) throws(ManifestError) -> Int? {
        guard let node = entries[key] else { return nil }
        return try integer(key, node, in: range)
    }

    func integer(_ key: String, _ node: ManifestNode, in range: ClosedRange<Int>) throws(ManifestError) -> Int {
        guard case .integer(let number) = node.value else { throw wrongType(key, node, wants: "a whole number") }
        guard range.contains(number) else {
            throw error("\(key) is \(number), and must be from \(range.lowerBound) to \(range.upperBound)", at: node)
        }
        return number
    }

    func list(_ key: String) throws(ManifestError) -> [ManifestNode]? {
        guard let node = entries[key] else { return nil }
        guard case .array(let nodes) = node.value else { throw wrongType(key, node, wants: "a list") }
        return nodes
    }

    func strings(_ key: String) throws(ManifestError) -> [String]? {
        guard let nodes = try list(key) else { return nil }
        var texts: [String] = []
        for node in nodes { texts.append(try string("an element of \(key)", node)) }
        return texts
    }

    /// A word of a fixed vocabulary.
    func word<Word>(_ key: String, _: Word.Type) throws(ManifestError) -> Word?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        guard let node = entries[key] else { return nil }
        let text = try string(key, node)
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw error("\(key) is \"\(text)\", and must be one of \(words)", at: node)
        }
        return word
    }

    /// Configuration options by name without `CONFIG_`.
    func config(_ key: String) throws(ManifestError) -> [String: Bool]? {
        guard let node = entries[key] else { return nil }
        guard case .table(let nodes) = node.value else { throw wrongType(key, node, wants: "a table") }
        var options: [String: Bool] = [:]
        for (name, value) in nodes.sorted(by: { $0.value.keyPosition < $1.value.keyPosition }) {
            guard !name.hasPrefix("CONFIG_") else {
                throw ManifestError("\(name) is written without CONFIG_", in: file, at: value.keyPosition)
            }
            guard case .boolean(let flag) = value.value else {
                throw wrongType("\(key).\(name)", value, wants: "true or false")
            }
            options[name] = flag
        }
        return options
    }
}
