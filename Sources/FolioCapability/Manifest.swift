/// What a capability.toml says of one filesystem.
package struct Manifest: Hashable, Sendable {
    /// The type as mountinfo names it.
    package var filesystem: String
    /// Other types that the same rows hold for; a name that ends in `.*` stands for all that begin so.
    package var aliases: [String]
    /// One sentence for a person; nil: none.
    package var summary: String?
    /// Every block size the filesystem can have, in bytes; empty: not said.
    package var blockSizes: [Int]
    /// The file name of the shared library beside the manifest that is asked as well; nil: there is none.
    package var native: String?
    /// The rows, in order.
    package var rows: [CapabilityRow]
    /// Questions with the answers they must get.
    package var examples: [ManifestExample]
    /// The file as it was named.
    package var file: String

    /// Reads a manifest.
    ///
    /// - Parameter file: the name that errors bear.
    /// - Throws: the first thing that is wrong, in syntax, against the schema or in meaning, with its line and column.
    package static func parse(_ text: String, file: String) throws(ManifestError) -> Manifest {
        let root = try TOMLDocument.parse(text, file: file)
        if let problem = try SchemaCheck.problems(root, file: file).first { throw problem }
        return try Manifest(root, file: file)
    }

    /// Reads one of the manifests that are built in, which the tests have held against the schema.
    static func builtIn(_ text: String, file: String) throws(ManifestError) -> Manifest {
        try Manifest(try TOMLDocument.parse(text, file: file), file: file)
    }

    /// - Throws: what is wrong in meaning, and whatever the schema forbids as well.
    init(_ root: ManifestNode, file: String) throws(ManifestError) {
        let keys = ["filesystem", "aliases", "summary", "block_sizes", "native", "capability", "example"]
        let section = try ManifestSection(root, title: "a manifest", keys: keys, file: file)
        filesystem = try Self.typeName("filesystem", try section.require("filesystem"), section, wildcard: false)
        aliases = []
        for node in try section.list("aliases") ?? [] {
            aliases.append(try Self.typeName("an alias", node, section, wildcard: true))
        }
        summary = try section.string("summary")
        blockSizes = []
        for node in try section.list("block_sizes") ?? [] {
            blockSizes.append(try section.integer("a block size", node, in: 1...1 << 30))
        }
        native = try section.string("native")
        rows = []
        for node in try section.list("capability") ?? [] { rows.append(try CapabilityRow(node, file: file)) }
        guard !rows.isEmpty || native != nil else {
            throw ManifestError(
                "a manifest has at least one [[capability]] row", in: file, at: section["filesystem"]?.keyPosition,
                suggestion: "add [[capability]] with orders, source and confidence")
        }
        examples = []
        for node in try section.list("example") ?? [] {
            examples.append(try ManifestExample(node, filesystem: filesystem, file: file))
        }
        self.file = file
    }

    private static func typeName(
        _ key: String, _ node: ManifestNode, _ section: ManifestSection, wildcard: Bool
    ) throws(ManifestError) -> String {
        let text = try section.string(key, node)
        let name = wildcard && text.hasSuffix(".*") ? text.dropLast(2) : Substring(text)
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "*") }
        guard isName else {
            let form = wildcard ? "a filesystem type, or one that ends in \".*\"" : "a filesystem type"
            throw section.error("\(key) is \"\(text)\", and must be \(form)", at: node)
        }
        return text
    }
}
