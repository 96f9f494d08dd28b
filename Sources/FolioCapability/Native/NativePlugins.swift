package import FolioPolicy
package import SystemPackage

/// The native plugins that manifests name, and what follows from their answers.
package struct NativePlugins: Sendable {
    /// The plugins by the file of the manifest that names them.
    private var plugins: [String: NativePlugin] = [:]
    /// How a plugin is made of its location.
    private let make: @Sendable (String) -> NativePlugin

    /// None so far.
    package init(make: @escaping @Sendable (String) -> NativePlugin = { NativePlugin($0) }) { self.make = make }

    /// The plugin that a manifest names; nil: it names none.
    package func plugin(of manifest: Manifest) -> NativePlugin? { plugins[manifest.file] }

    /// Takes in what a manifest names.
    mutating func add(_ manifest: Manifest, builtIn: Bool) {
        guard let name = manifest.native else { return }
        let beside = FilePath(manifest.file).removingLastComponent().appending(name)
        // Without a slash dlopen(3) would look for it elsewhere.
        let path = beside.components.count > 1 || beside.isAbsolute ? beside.string : "./" + beside.string
        plugins[manifest.file] = make(builtIn ? "builtin:\(name)" : path)
    }
}

extension CapabilityRegistry {
    /// The native plugin that speaks for a filesystem; nil: none does.
    package func plugin(of filesystem: FilesystemFacts) -> NativePlugin? {
        filesystem.type.flatMap { manifest(for: $0) }.flatMap { natives.plugin(of: $0) }
    }

    /// What the filesystem can do for the file, the native plugin being asked that speaks for it, if one does.
    ///
    /// - Parameters:
    ///   - path: the file's absolute path.
    ///   - layer: the facts of the filesystem that holds a path; nil: it cannot be looked at.
    /// - Returns: the capability, and the filesystem's facts with the layer that the plugin found.
    package func resolve(
        path: FilePath, filesystem: FilesystemFacts, file: FileFacts, kernel: KernelFacts,
        layer: (FilePath) -> FilesystemFacts?
    ) -> (filesystem: FilesystemFacts, capability: FilesystemCapability) {
        let rows = { (filesystem: FilesystemFacts) in
            self.capability(filesystem: filesystem, file: file, kernel: kernel)
        }
        guard let manifest = filesystem.type.flatMap({ manifest(for: $0) }), let plugin = natives.plugin(of: manifest)
        else { return (filesystem, rows(filesystem)) }
        let bytes = path.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: path.length)) }
        let question = NativeQuestion(
            path: bytes.map { UInt8(bitPattern: $0) }, filesystem: filesystem, kernel: kernel)
        let answer: NativeAnswer
        do {
            answer = try plugin.ask(question)
        } catch {
            let type = filesystem.type ?? manifest.filesystem
            let name = plugin.location.split(separator: "/").last.map(String.init) ?? plugin.location
            return (
                filesystem,
                .unknown(of: type, missing: "plugin.\(name)", "the plugin \(plugin.location) \(error)")
            )
        }
        var filesystem = filesystem
        // Whose pages they are, the plugin knows better than who only read the mount table.
        if case .orders = answer.orders { filesystem.layers = [] }
        if case .layer(let path) = answer.orders {
            guard let facts = layer(FilePath(path)) else {
                let source = "\(answer.source); \(path) cannot be looked at"
                let type = filesystem.type ?? manifest.filesystem
                return (filesystem, .unknown(of: type, missing: "filesystem.layers", source))
            }
            filesystem.layers = [facts]
        }
        if case .filesystem(let facts) = answer.orders { filesystem.layers = [facts] }
        var capability = rows(filesystem)
        switch answer.orders {
        case .abstain: break
        case .layer, .filesystem:
            if let layer = filesystem.layers.first { capability.source = "\(answer.source); \(rows(layer).source)" }
        case .unknown(let missing):
            capability.orders = .unknown
            capability.confidence = nil
            capability.missing = [missing]
            capability.source = answer.source
        case .orders(let orders):
            capability.orders = orders
            capability.confidence = .read
            capability.missing = []
            capability.source = answer.source
        }
        capability.largeFolioWrites = answer.largeFolioWrites ?? capability.largeFolioWrites
        capability.passthroughBacking = answer.passthroughBacking ?? capability.passthroughBacking
        capability.alignsMappings = answer.alignsMappings ?? capability.alignsMappings
        capability.writes = answer.writes ?? capability.writes
        return (filesystem, capability)
    }
}
