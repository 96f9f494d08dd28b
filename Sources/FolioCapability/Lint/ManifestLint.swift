/// A manifest that is well formed, with the places of everything in it.
struct ManifestReview {
    let manifest: Manifest
    /// What there is besides; the manifest itself is not in it, or is shadowed.
    let registry: CapabilityRegistry
    private let root: ManifestNode

    init(_ root: ManifestNode, _ manifest: Manifest, registry: CapabilityRegistry) {
        self.root = root
        self.manifest = manifest
        self.registry = registry
    }

    /// The value at a path of keys and indices; nil: there is none.
    func node(_ path: KeyLocator.Step...) -> ManifestNode? {
        var node = root
        for step in path {
            switch (step, node.value) {
            case (.key(let key), .table(let entries)):
                guard let next = entries[key] else { return nil }
                node = next
            case (.index(let index), .array(let nodes)):
                guard nodes.indices.contains(index) else { return nil }
                node = nodes[index]
            default: return nil
            }
        }
        return node
    }

    /// A row's node, or that of one of its keys.
    func row(_ index: Int, _ key: String? = nil) -> SourcePosition {
        let row = node(.key("capability"), .index(index))
        guard let key, let value = node(.key("capability"), .index(index), .key(key)) else {
            return row?.keyPosition ?? .start
        }
        return value.keyPosition
    }

    /// An error of a rule.
    func problem(
        _ rule: any ManifestLint.Type, _ message: String, _ suggestion: String, at position: SourcePosition
    ) -> ManifestError {
        ManifestError(message, in: manifest.file, at: position, suggestion: suggestion, rule: rule.id)
    }
}

/// A rule about manifests that the schema cannot say.
protocol ManifestLint {
    /// Its permanent name.
    static var id: String { get }
    /// What it finds.
    static func problems(_ review: ManifestReview) -> [ManifestError]
}

extension Manifest {
    /// Every rule there is.
    static var lints: [any ManifestLint.Type] {
        [
            AliasLint.self, BlockSizeLint.self, CoverageLint.self, ExampleLint.self, ExampleCoverageLint.self,
            NoteLint.self, ReachableRowLint.self, SourceLint.self, SummaryLint.self,
        ]
    }

    /// Everything that is wrong with a manifest: against the schema, or else the first thing wrong in meaning, or else all
    /// that the lint rules find; in the order of the text.
    package static func problems(_ text: String, file: String, registry: CapabilityRegistry) -> [ManifestError] {
        do {
            let root = try TOMLDocument.parse(text, file: file)
            let wrong = try SchemaCheck.problems(root, file: file)
            guard wrong.isEmpty else { return wrong }
            let review = ManifestReview(root, try Manifest(root, file: file), registry: registry)
            return lints.flatMap { $0.problems(review) }.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        } catch {
            return [error]
        }
    }
}
