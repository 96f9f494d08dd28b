/// What is known of the filesystem that holds a file.
public struct FilesystemFacts: Hashable, Sendable {
    /// The type as mountinfo names it: `ext4`, `tmpfs`, `fuse.foliofs`; nil: unknown.
    public var type: String?
    /// Mount and superblock options, a flag without value having the value ""; nil: unknown. What is not a key is not
    /// set.
    public var mountOptions: [String: String]?
    /// Superblock features by the filesystem's own names (`verity`, `encrypt`); nil: unknown.
    public var superblockFeatures: Set<String>?
    /// Bytes in a block; nil: unknown.
    public var blockSize: Int?
    /// Whether the mount is read-only; nil: unknown.
    public var readOnly: Bool?
    /// For a filesystem whose pages live in another one (overlay: the layer that holds this file; a FUSE mount: the
    /// backing file's), that filesystem; empty: none known.
    public var layers: [FilesystemFacts]

    /// Facts of one filesystem.
    public init(
        type: String?, mountOptions: [String: String]? = nil, superblockFeatures: Set<String>? = nil,
        blockSize: Int? = nil, readOnly: Bool? = nil, layers: [FilesystemFacts] = []
    ) {
        self.type = type
        self.mountOptions = mountOptions
        self.superblockFeatures = superblockFeatures
        self.blockSize = blockSize
        self.readOnly = readOnly
        self.layers = layers
    }
    /// The filesystem that owns the pages: the innermost first layer, or this one where it has no layers.
    public var pageCacheOwner: FilesystemFacts {
        var owner = self
        while let layer = owner.layers.first { owner = layer }
        return owner
    }
}
