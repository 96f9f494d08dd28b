import CFolioPlugin

/// What a plugin says of a file's filesystem. What is nil is left to the rows of the manifest.
public struct CapabilityAnswer: Hashable, Sendable {
    /// What is said of the folio orders its page cache can hold.
    public enum Orders: Hashable, Sendable {
        /// Nothing: the rows of the manifest answer.
        case abstain
        /// It cannot be known without this fact: `filesystem.layers`.
        case unknown(missing: String)
        /// From the first to the last; `0...0`: single pages only.
        case range(ClosedRange<Int>)
        /// shmem's: order 0 or the PMD's, by its own controls.
        case shmem
        /// Those of the filesystem that holds this file, which is where the pages are; an absolute path.
        case layer(String)
        /// Those of a filesystem of this type, which is where the pages are and no path leads.
        ///
        /// - Parameter mountOptions: all that are set, a flag having the value ""; nil: unknown.
        case filesystem(type: String, mountOptions: [String: String]?)
    }

    /// What write(2) leaves in the page cache.
    public enum Writes: UInt32, Hashable, Sendable {
        /// The filesystem is never written.
        case none = 1
        /// Clean pages.
        case through = 2
        /// Dirty pages.
        case back = 3
    }

    /// The orders.
    public var orders: Orders
    /// Whether one write(2) of whole chunks leaves PMD folios.
    public var largeFolioWrites: Bool?
    /// Whether a file can back FUSE passthrough.
    public var passthroughBacking: Bool?
    /// Whether mmap places large mappings at PMD-aligned addresses by itself.
    public var alignsMappings: Bool?
    /// What write(2) leaves.
    public var writes: Writes?
    /// Whence it is known: kernel version, file and function.
    public var source: String

    /// An answer from its parts.
    public init(
        _ orders: Orders, largeFolioWrites: Bool? = nil, passthroughBacking: Bool? = nil, alignsMappings: Bool? = nil,
        writes: Writes? = nil, source: String
    ) {
        self.orders = orders
        self.largeFolioWrites = largeFolioWrites
        self.passthroughBacking = passthroughBacking
        self.alignsMappings = alignsMappings
        self.writes = writes
        self.source = source
    }

    /// Nothing: the rows of the manifest answer.
    public static let abstain = CapabilityAnswer(.abstain, source: "")

    /// Writes it where the host wants it.
    /// - Returns: whether it fits.
    func fill(_ raw: UnsafeMutablePointer<folio_plugin_answer>) -> Bool {
        raw.pointee.large_folio_writes = Self.word(largeFolioWrites)
        raw.pointee.passthrough_backing = Self.word(passthroughBacking)
        raw.pointee.aligns_mappings = Self.word(alignsMappings)
        raw.pointee.writes = writes?.rawValue ?? 0
        var fits = folio_plugin_copy(raw.pointee.source, raw.pointee.source_size, source) == 0
        switch orders {
        case .abstain: raw.pointee.kind = FOLIO_PLUGIN_ABSTAIN.rawValue
        case .unknown(let missing):
            raw.pointee.kind = FOLIO_PLUGIN_UNKNOWN.rawValue
            fits = folio_plugin_copy(raw.pointee.missing, raw.pointee.missing_size, missing) == 0 && fits
        case .range(let orders):
            raw.pointee.kind = FOLIO_PLUGIN_ORDERS.rawValue
            raw.pointee.minimum_order = UInt32(clamping: orders.lowerBound)
            raw.pointee.maximum_order = UInt32(clamping: orders.upperBound)
        case .shmem: raw.pointee.kind = FOLIO_PLUGIN_SHMEM.rawValue
        case .layer(let path):
            raw.pointee.kind = FOLIO_PLUGIN_LAYER.rawValue
            fits = folio_plugin_copy(raw.pointee.layer, raw.pointee.layer_size, path) == 0 && fits
        case .filesystem(let type, let options):
            // A host of ABI 1.0 has no place for it.
            guard Int(raw.pointee.size) >= MemoryLayout<folio_plugin_answer>.size else { return false }
            raw.pointee.kind = FOLIO_PLUGIN_FILESYSTEM.rawValue
            let words = options.map { options in
                " "
                    + options.sorted { $0.key < $1.key }.map { $0.value.isEmpty ? $0.key : "\($0.key)=\($0.value)" }
                    .joined(separator: ",")
            }
            let text = type + (words ?? "")
            fits = folio_plugin_copy(raw.pointee.filesystem, raw.pointee.filesystem_size, text) == 0 && fits
        }
        return fits
    }

    private static func word(_ flag: Bool?) -> UInt32 {
        switch flag {
        case nil: FOLIO_PLUGIN_NOT_SAID.rawValue
        case true?: FOLIO_PLUGIN_YES.rawValue
        case false?: FOLIO_PLUGIN_NO.rawValue
        }
    }
}
