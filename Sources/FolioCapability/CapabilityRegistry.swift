package import FolioPolicy
package import SystemPackage

/// Every manifest there is, and the answer of the one that speaks for a filesystem.
package struct CapabilityRegistry: Sendable {
    /// Every manifest, the built-in ones first, then in the order of the search path; for one type the last wins.
    package private(set) var manifests: [Manifest] = []
    /// The native plugins that the manifests name.
    package private(set) var natives: NativePlugins
    /// The place in `manifests` of the one that speaks for a type.
    private var exact: [String: Int] = [:]
    /// The same for types that begin so: `fuse.`.
    private var prefixes: [String: Int] = [:]

    /// The built-in manifests, then those of `searchPath`; later ones win.
    ///
    /// - Throws: a manifest that is wrong, a directory that cannot be read, or one that others than root or the caller
    ///   can write.
    package init(searchPath: [FilePath] = [], natives: NativePlugins = NativePlugins()) throws(ManifestError) {
        self.natives = natives
        for (file, text) in BuiltInManifests.texts {
            add(try Manifest.builtIn(text, file: file), builtIn: true)
        }
        for directory in searchPath {
            for (file, text) in try ManifestDirectory.read(directory) {
                let manifest = try Manifest.parse(text, file: file)
                if let native = manifest.native {
                    try ManifestDirectory.checkLibrary(FilePath(file).removingLastComponent().appending(native))
                }
                add(manifest)
            }
        }
    }

    /// The JSON Schema of manifests.
    package static var schemaText: String { BuiltInManifests.schema }

    /// The manifests that are built in, as texts.
    package static var builtInTexts: [(file: String, text: String)] { BuiltInManifests.texts }

    /// Takes a manifest in, before all that are there.
    package mutating func add(_ manifest: Manifest, builtIn: Bool = false) {
        natives.add(manifest, builtIn: builtIn)
        let place = manifests.count
        manifests.append(manifest)
        for name in [manifest.filesystem] + manifest.aliases {
            if name.hasSuffix(".*") {
                prefixes[String(name.dropLast())] = place
            } else {
                exact[name] = place
            }
        }
    }

    /// The manifest that speaks for a filesystem type; nil: none does.
    package func manifest(for type: String) -> Manifest? {
        if let place = exact[type] { return manifests[place] }
        guard let dot = type.firstIndex(of: ".") else { return nil }
        return prefixes[String(type[...dot])].map { manifests[$0] }
    }

    /// The types that a manifest names and that others speak for, each with the file of the one that does.
    package func shadows(of manifest: Manifest) -> [(type: String, file: String)] {
        ([manifest.filesystem] + manifest.aliases).compactMap { type in
            let place = type.hasSuffix(".*") ? prefixes[String(type.dropLast())] : exact[type]
            guard let winner = place.map({ manifests[$0] }), winner.file != manifest.file else { return nil }
            return (type, winner.file)
        }
    }

    /// The kernel options that some row asks about, without `CONFIG_`.
    package var optionsThatMatter: Set<String> {
        let conditions = manifests.flatMap(\.rows).flatMap { $0.when + $0.unless }
        return Set(
            conditions.compactMap { condition in
                if case .config(let name, _) = condition { name } else { nil }
            })
    }

    /// What the filesystem can do for the file on the kernel.
    ///
    /// Where facts are missing that matter, and where no manifest speaks for the filesystem, the orders are `unknown` and
    /// `missing` says why.
    package func capability(
        filesystem: FilesystemFacts, file: FileFacts, kernel: KernelFacts
    ) -> FilesystemCapability {
        guard let type = filesystem.type else {
            return .unknown(of: "a filesystem of unknown type", missing: "filesystem.type", "no type is known")
        }
        guard let manifest = manifest(for: type) else {
            return .unknown(of: type, missing: "filesystem.capability", "no manifest speaks for \(type)")
        }
        let facts = CapabilityFacts(filesystem: filesystem, file: file, kernel: kernel)
        return RowSelection(manifest: manifest, facts: facts).capability { layer in
            capability(filesystem: layer, file: file, kernel: kernel)
        }
    }

    /// What the manifest's own examples lead to that they should not; empty: all are borne out.
    package func failures(of manifest: Manifest) -> [ManifestError] {
        var registry = self
        registry.add(manifest)
        return manifest.examples.compactMap { example in
            let given = example.given
            let answer = registry.capability(filesystem: given.filesystem, file: given.file, kernel: given.kernel)
            let found = example.differences(from: answer)
            guard !found.isEmpty else { return nil }
            return ManifestError(
                file: manifest.file, line: example.line, column: example.column,
                message: "the example does not hold: " + found.joined(separator: "; "))
        }
    }
}

extension FilesystemCapability {
    /// An answer that nothing is known.
    static func unknown(of filesystem: String, missing: String, _ source: String) -> FilesystemCapability {
        FilesystemCapability(filesystem: filesystem, orders: .unknown, source: source, missing: [missing])
    }
}
