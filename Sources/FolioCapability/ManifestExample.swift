package import FolioPolicy

/// A golden pair of a manifest: facts, and the capability they must lead to.
package struct ManifestExample: Hashable, Sendable {
    /// The facts of the question.
    package var given: CapabilityFacts
    /// The orders of the answer; nil: not looked at.
    package var orders: OrderCapability?
    /// The values of the answer that are yes, no or unknown, by their keys; those left out are not looked at.
    package var flags: [String: Bool?]
    /// What a write leaves behind; nil: not looked at.
    package var writes: WriteBehaviour?
    /// How surely the orders are known; nil: not looked at.
    package var confidence: Confidence?
    /// What the answer names as missing; nil: not looked at.
    package var missing: [String]?
    /// Where it stands, for errors.
    package var line: Int
    /// Where it stands, for errors.
    package var column: Int

    /// What the answer has that was not expected; empty: it is as expected.
    func differences(from answer: FilesystemCapability) -> [String] {
        var found: [String] = []
        if let orders, orders != answer.orders {
            found.append("orders are \(Self.words(answer.orders)), expected \(Self.words(orders))")
        }
        let actual = [
            "large_folio_writes": answer.largeFolioWrites, "passthrough_backing": answer.passthroughBacking,
            "aligns_mappings": answer.alignsMappings, "intermediate_orders": answer.intermediateOrders,
        ]
        for (key, expected) in flags.sorted(by: { $0.key < $1.key }) where actual[key] != expected {
            found.append("\(key) is \(Self.words(actual[key] ?? nil)), expected \(Self.words(expected))")
        }
        if let writes, writes != answer.writes {
            found.append("writes is \(answer.writes?.rawValue ?? "unknown"), expected \(writes.rawValue)")
        }
        if let confidence, confidence != answer.confidence {
            found.append(
                "confidence is \(answer.confidence?.rawValue ?? "unknown"), expected \(confidence.rawValue)")
        }
        if let missing, Set(missing) != Set(answer.missing) {
            found.append("missing is \(answer.missing.sorted()), expected \(missing.sorted())")
        }
        return found
    }

    private static func words(_ flag: Bool?) -> String { flag.map { $0 ? "true" : "false" } ?? "unknown" }

    private static func words(_ orders: OrderCapability) -> String { Fact.Value.capability(orders).description }

    // MARK: Reading

    private static let flagKeys = [
        "large_folio_writes", "passthrough_backing", "aligns_mappings", "intermediate_orders",
    ]

    init(_ node: ManifestNode, filesystem: String, file: String) throws(ManifestError) {
        let section = try ManifestSection(node, title: "an [[example]]", keys: ["given", "expect"], file: file)
        given = try Self.facts(try section.require("given"), filesystem: filesystem, file: file)
        let expected = try ManifestSection(
            try section.require("expect"), title: "expect",
            keys: ["orders"] + Self.flagKeys + ["writes", "confidence", "missing"],
            file: file)
        orders = try Self.orders(expected)
        flags = [:]
        for key in Self.flagKeys {
            guard let node = expected[key] else { continue }
            switch node.value {
            case .boolean(let flag): flags[key] = .some(flag)
            case .string("unknown"): flags[key] = .some(nil)
            default: throw expected.wrongType(key, node, wants: "true, false or \"unknown\"")
            }
        }
        writes = try expected.word("writes", WriteBehaviour.self)
        confidence = try expected.word("confidence", Confidence.self)
        missing = try expected.strings("missing")
        line = node.keyPosition.line
        column = node.keyPosition.column
    }

    /// `[0]`, `[0, 9]`, "shmem" or "unknown".
    private static func orders(_ section: ManifestSection) throws(ManifestError) -> OrderCapability? {
        guard let node = section["orders"] else { return nil }
        let wants = "[0], [smallest, largest], \"shmem\" or \"unknown\""
        switch node.value {
        case .string("shmem"): return .shmem
        case .string("unknown"): return .unknown
        case .array(let nodes):
            var orders: [FolioOrder] = []
            for order in nodes { orders.append(FolioOrder(UInt8(try section.integer("an order", order, in: 0...30)))) }
            guard let first = orders.first, let last = orders.last, orders.count <= 2, first <= last else {
                throw section.error("orders is \(wants)", at: node)
            }
            return last == .zero ? OrderCapability.none : .range(minimum: first, maximum: last)
        default: throw section.wrongType("orders", node, wants: wants)
        }
    }

    private static let filesystemKeys = ["type", "mount_options", "superblock_features", "block_size", "layers"]

    private static func facts(
        _ node: ManifestNode, filesystem: String, file: String
    ) throws(ManifestError) -> CapabilityFacts {
        let keys =
            ["kernel", "architecture", "page_size", "config", "inode_flags", "immutable_at_load", "compressed"]
            + filesystemKeys
        let section = try ManifestSection(node, title: "given", keys: keys, file: file)
        var kernel = KernelFacts(version: nil, config: try section.config("config") ?? [:])
        if let node = section["kernel"] {
            let text = try section.string("kernel", node)
            guard let version = KernelRangeText.version(text) else {
                throw section.error("kernel is \"\(text)\", and must be a version like 6.18 or 6.18.44", at: node)
            }
            kernel.version = version
        }
        let architecture = try section.string("architecture") ?? "x86_64"
        let pageSize = try section.integer("page_size", in: 1...1 << 20) ?? 4096
        guard let geometry = PageGeometry.of(architecture: architecture, pageSize: pageSize) else {
            throw ManifestError(
                "\(architecture) with pages of \(pageSize) bytes has no huge pages", in: file, at: section.position,
                suggestion: "write x86_64 with 4096, aarch64 with 4096, 16384 or 65536, or another as uname -m has it")
        }
        kernel.geometry = geometry
        return CapabilityFacts(
            filesystem: try filesystemFacts(section, type: filesystem),
            file: FileFacts(
                size: nil, inodeFlags: (try section.strings("inode_flags")).map(Set.init),
                immutableAtLoad: try section.boolean("immutable_at_load"),
                compressed: try section.boolean("compressed")),
            kernel: kernel)
    }

    private static func filesystemFacts(
        _ section: ManifestSection, type: String
    ) throws(ManifestError) -> FilesystemFacts {
        var facts = FilesystemFacts(type: try section.string("type") ?? type)
        if let options = try section.strings("mount_options") {
            let pairs = options.map { option in
                let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
            facts.mountOptions = Dictionary(pairs) { $1 }
        }
        facts.superblockFeatures = (try section.strings("superblock_features")).map(Set.init)
        facts.blockSize = try section.integer("block_size", in: 1...1 << 30)
        for node in try section.list("layers") ?? [] {
            let layer = try ManifestSection(node, title: "a layer", keys: filesystemKeys, file: section.file)
            _ = try layer.require("type")
            facts.layers.append(try filesystemFacts(layer, type: type))
        }
        return facts
    }
}
