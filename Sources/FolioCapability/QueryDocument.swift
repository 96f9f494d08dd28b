package import FolioPolicy

/// Everything the policy looks at, as one JSON document: a line of `explain --query -`, or what `facts` wrote elsewhere.
///
/// A key that is left out, or null, is unknown; a list or an object of options that is given is complete. Only
/// `system.processDisabled` is taken to be false where it is left out, which is what a process is born with.
package struct QueryDocument: Hashable, Sendable {
    /// The file's path, which nothing is read from; nil: none was given.
    package var path: String?
    /// The kernel.
    package var kernel: KernelFacts
    /// The machine's controls.
    package var system: SystemFacts
    /// The filesystem that holds the file.
    package var filesystem: FilesystemFacts
    /// The file.
    package var file: FileFacts
    /// The mapping.
    package var mapping: MappingFacts
    /// The operation that is asked about.
    package var operation: Operation

    /// A document from its parts.
    package init(
        path: String? = nil, kernel: KernelFacts, system: SystemFacts, filesystem: FilesystemFacts, file: FileFacts,
        mapping: MappingFacts, operation: Operation
    ) {
        self.path = path
        self.kernel = kernel
        self.system = system
        self.filesystem = filesystem
        self.file = file
        self.mapping = mapping
        self.operation = operation
    }

    /// The question, with what the registry says of the filesystem.
    package func query(registry: CapabilityRegistry) -> PolicyQuery {
        PolicyQuery(
            kernel: kernel, system: system, filesystem: filesystem,
            capability: registry.capability(filesystem: filesystem, file: file, kernel: kernel), file: file,
            mapping: mapping, operation: operation)
    }

    // MARK: Reading

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - text: one JSON object.
    ///   - line: the number of its first line, for errors.
    ///   - operation: the operation where the document has none; nil: a document without one is an error.
    /// - Throws: the first thing that is wrong, with the key and its line.
    package static func parse(
        _ text: String, line: Int = 1, operation: Operation? = nil
    ) throws(QueryError) -> QueryDocument {
        var reader = JSONReader(text, line: line)
        let root = try QuerySection(try reader.document(), path: "", keys: keys)
        guard let operation = try root.word("operation", Operation.self) ?? operation else {
            let words = Operation.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw QueryError(line: root.line, key: "operation", message: "is missing, and must be one of \(words)")
        }
        return QueryDocument(
            path: try root.string("path"), kernel: try kernel(root), system: try system(root),
            filesystem: try filesystem(root), file: try file(root), mapping: try mapping(root), operation: operation)
    }

    /// Reads a document from its bytes; what is not UTF-8 is an error.
    package static func parse(
        bytes: some Sequence<UInt8>, line: Int = 1, operation: Operation? = nil
    ) throws(QueryError) -> QueryDocument {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw QueryError(line: line, key: nil, message: "the document is not UTF-8")
        }
        return try parse(text, line: line, operation: operation)
    }

    private static let keys = [
        "path", "kernel", "config", "geometry", "filesystem", "operation", "file", "mapping", "system",
    ]
    private static let filesystemKeys = [
        "type", "mountOptions", "superblockFeatures", "blockSize", "readOnly", "layers",
    ]

    private static func kernel(_ root: QuerySection) throws(QueryError) -> KernelFacts {
        let options = try root.dictionary(
            "config",
            { value in
                if case .boolean(let flag) = value.content { return flag }
                return nil
            }, wants: "true or false")
        var facts = KernelFacts(version: nil)
        for (name, flag) in options ?? [:] {
            facts.config[name.hasPrefix("CONFIG_") ? String(name.dropFirst(7)) : name] = flag
        }
        if let value = root["kernel"], let text = try root.string("kernel") {
            guard let version = KernelVersion(text) else {
                throw root.error("kernel", value, "is \"\(text)\", and must be a version like \"6.18\" or \"6.18.44\"")
            }
            facts.version = version
        }
        if let value = root["geometry"] { facts.geometry = try geometry(value) }
        return facts
    }

    private static func geometry(_ value: JSONValue) throws(QueryError) -> PageGeometry {
        let section = try QuerySection(
            value, path: "geometry", keys: ["pageSize", "pmdOrder", "maximumPageCacheOrder"])
        let base = PageGeometry.x86_64
        let pageSize = try section.integer("pageSize", in: 1024...1 << 20) ?? base.pageSize
        guard pageSize & (pageSize - 1) == 0 else {
            throw QueryError(line: section.line, key: "geometry.pageSize", message: "must be a power of two")
        }
        let pmdOrder = try section.integer("pmdOrder", in: 1...20) ?? Int(base.pmdOrder.rawValue)
        let maximum = try section.integer("maximumPageCacheOrder", in: 0...20) ?? min(pmdOrder, 11)
        return PageGeometry(
            pageSize: pageSize, pmdOrder: FolioOrder(UInt8(pmdOrder)), maximumPageCacheOrder: FolioOrder(UInt8(maximum))
        )
    }

    private static func system(_ root: QuerySection) throws(QueryError) -> SystemFacts {
        guard let section = try root.section("system", keys: ["enabled", "shmemEnabled", "processDisabled"]) else {
            return SystemFacts(enabled: nil, shmemEnabled: nil)
        }
        return SystemFacts(
            enabled: try section.word("enabled", HugePageMode.self),
            shmemEnabled: try section.word("shmemEnabled", ShmemHugeMode.self),
            processDisabled: try section.boolean("processDisabled") ?? false)
    }

    private static func filesystem(_ root: QuerySection) throws(QueryError) -> FilesystemFacts {
        guard let section = try root.section("filesystem", keys: filesystemKeys) else {
            return FilesystemFacts(type: nil)
        }
        return try filesystem(of: section)
    }

    private static func filesystem(of section: QuerySection) throws(QueryError) -> FilesystemFacts {
        var facts = FilesystemFacts(type: try section.string("type"))
        facts.mountOptions = try section.dictionary(
            "mountOptions",
            { value in
                switch value.content {
                case .string(let text): text
                case .boolean(true), .null: ""
                case .number(let number?): String(number)
                default: nil
                }
            }, wants: "a string")
        facts.superblockFeatures = try section.strings("superblockFeatures")
        facts.blockSize = try section.integer("blockSize", in: 1...1 << 30)
        facts.readOnly = try section.boolean("readOnly")
        for (index, value) in (try section.list("layers") ?? []).enumerated() {
            let layer = try QuerySection(value, path: section.name("layers[\(index)]"), keys: filesystemKeys)
            facts.layers.append(try filesystem(of: layer))
        }
        return facts
    }

    private static func file(_ root: QuerySection) throws(QueryError) -> FileFacts {
        let keys = [
            "size", "regular", "openForWrite", "dirty", "inodeFlags", "immutableAtLoad", "compressed", "dax",
            "executable",
            "cachedOrders",
        ]
        guard let section = try root.section("file", keys: keys) else { return FileFacts(size: nil, regular: nil) }
        return FileFacts(
            size: try section.integer("size"), regular: try section.boolean("regular"),
            openForWrite: try section.boolean("openForWrite"), dirty: try section.boolean("dirty"),
            inodeFlags: try section.strings("inodeFlags"),
            immutableAtLoad: try section.boolean("immutableAtLoad"), compressed: try section.boolean("compressed"),
            dax: try section.boolean("dax"), executable: try section.boolean("executable"),
            cachedOrders: try orders(section))
    }

    private static func orders(_ section: QuerySection) throws(QueryError) -> Set<FolioOrder>? {
        guard let values = try section.list("cachedOrders") else { return nil }
        var orders: Set<FolioOrder> = []
        for value in values {
            guard case .number(let number?) = value.content, (0...30).contains(number) else {
                throw section.error("cachedOrders", value, "is a list of orders from 0 to 30")
            }
            orders.insert(FolioOrder(UInt8(number)))
        }
        return orders
    }

    private static func mapping(_ root: QuerySection) throws(QueryError) -> MappingFacts {
        let keys = [
            "address", "offset", "length", "read", "write", "exec", "shared", "touched", "pageTableNearby", "pmdMapped",
            "programImage", "advice",
        ]
        guard let section = try root.section("mapping", keys: keys) else {
            var facts = MappingFacts(
                address: nil, offset: 0, length: 0, read: nil, write: nil, exec: nil, shared: nil)
            facts.offsetIsKnown = false
            facts.lengthIsKnown = false
            return facts
        }
        let offset = try section.integer("offset", in: Int.min...Int.max)
        let length = try section.integer("length", in: Int.min...Int.max)
        var facts = MappingFacts(
            address: try section.address("address"), offset: offset ?? 0, length: length ?? 0,
            read: try section.boolean("read"), write: try section.boolean("write"), exec: try section.boolean("exec"),
            shared: try section.boolean("shared"), touched: try section.boolean("touched"),
            pageTableNearby: try section.boolean("pageTableNearby"), pmdMapped: try section.boolean("pmdMapped"),
            programImage: try section.boolean("programImage"), advice: try section.word("advice", MappingAdvice.self))
        facts.offsetIsKnown = offset != nil
        facts.lengthIsKnown = length != nil
        return facts
    }
}
