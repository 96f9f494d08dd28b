import FolioPolicy

/// One thing that must hold of a filesystem, a file or a kernel for a row to apply, or for it not to.
package enum CapabilityCondition: Hashable, Sendable {
    /// How a block size is compared.
    package enum Comparison: String, Hashable, Sendable {
        /// At least.
        case atLeast = ">="
        /// Less than.
        case less = "<"
    }

    /// A mount option is set; with a value: to that value.
    case mountOption(name: String, value: String?)
    /// A superblock feature is set.
    case superblockFeature(String)
    /// An inode flag is set.
    case inodeFlag(String)
    /// The immutable flag was set when the inode was read in, or was not.
    case immutableAtLoad(Bool)
    /// The block size compares so with a number of bytes.
    case blockSize(Comparison, Int)
    /// The file is stored compressed, or is not.
    case compressed(Bool)
    /// A kernel option is set, or is not.
    case config(name: String, Bool)
    /// A layer that holds the file is known, or none is.
    case layers(Bool)

    /// Whether it holds; nil: the fact that `factName` names is not known.
    func holds(_ facts: CapabilityFacts) -> Bool? {
        switch self {
        case .mountOption(let name, let value):
            guard let options = facts.filesystem.mountOptions else { return nil }
            guard let found = options[name] else { return false }
            return value == nil || found == value
        case .superblockFeature(let name): return facts.filesystem.superblockFeatures?.contains(name)
        case .inodeFlag(let name): return facts.file.inodeFlags?.contains(name)
        case .immutableAtLoad(let wanted):
            if let immutable = facts.file.immutableAtLoad { return immutable == wanted }
            // A flag that was taken away from an inode that is in use is the one case this leaves out.
            return facts.file.inodeFlags?.contains("immutable") == false ? !wanted : nil
        case .blockSize(.atLeast, let bytes): return facts.filesystem.blockSize.map { $0 >= bytes }
        case .blockSize(.less, let bytes): return facts.filesystem.blockSize.map { $0 < bytes }
        case .compressed(let wanted):
            if let compressed = facts.file.compressed { return compressed == wanted }
            return facts.file.inodeFlags?.contains("compressed") == true ? wanted : nil
        case .config(let name, let wanted): return facts.kernel.config[name].map { $0 == wanted }
        case .layers(let wanted): return facts.filesystem.layers.isEmpty != wanted
        }
    }

    /// The fact's name in a query document.
    var factName: String {
        switch self {
        case .mountOption: "filesystem.mountOptions"
        case .superblockFeature: "filesystem.superblockFeatures"
        case .inodeFlag: "file.inodeFlags"
        case .immutableAtLoad: "file.immutableAtLoad"
        case .blockSize: "filesystem.blockSize"
        case .compressed: "file.compressed"
        case .config(let name, _): "config.\(name)"
        case .layers: "filesystem.layers"
        }
    }

    // MARK: Reading

    private static let keys = [
        "mount_options", "superblock_features", "inode_flags", "immutable_at_load", "block_size", "compressed",
        "config",
        "layers",
    ]

    /// The conditions of a row's `when` or `unless`.
    static func parse(_ key: String, of row: ManifestSection) throws(ManifestError) -> [CapabilityCondition] {
        guard let node = row[key] else { return [] }
        let section = try ManifestSection(node, title: key, keys: keys, file: row.file)
        var conditions: [CapabilityCondition] = []
        for option in try section.strings("mount_options") ?? [] {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            conditions.append(.mountOption(name: parts[0], value: parts.count > 1 ? parts[1] : nil))
        }
        conditions += (try section.strings("superblock_features") ?? []).map { .superblockFeature($0) }
        conditions += (try section.strings("inode_flags") ?? []).map { .inodeFlag($0) }
        if let wanted = try section.boolean("immutable_at_load") { conditions.append(.immutableAtLoad(wanted)) }
        if let node = section["block_size"] { conditions.append(try blockSize(node, section)) }
        if let wanted = try section.boolean("compressed") { conditions.append(.compressed(wanted)) }
        let config = try section.config("config") ?? [:]
        conditions += config.sorted { $0.key < $1.key }.map { .config(name: $0.key, $0.value) }
        if let wanted = try section.boolean("layers") { conditions.append(.layers(wanted)) }
        guard !conditions.isEmpty else {
            throw ManifestError(
                "\(key) states no condition", in: row.file, at: node.position,
                suggestion: "leave it out, or give one of \(keys.joined(separator: ", "))")
        }
        return conditions
    }

    private static func blockSize(
        _ node: ManifestNode, _ section: ManifestSection
    ) throws(ManifestError) -> CapabilityCondition {
        let text = try section.string("block_size", node)
        for comparison in [Comparison.atLeast, .less] where text.hasPrefix(comparison.rawValue) {
            if let bytes = Int(text.dropFirst(comparison.rawValue.count)), bytes > 0 {
                return .blockSize(comparison, bytes)
            }
        }
        throw section.error("block_size is \"\(text)\", and must be like \">=4096\" or \"<4096\"", at: node)
    }
}
