/// What is known of a file. nil: unknown.
public struct FileFacts: Hashable, Sendable {
    /// i_size in bytes.
    public var size: Int?
    /// Whether it is a regular file.
    public var regular: Bool?
    /// Whether anybody has it open for writing (i_writecount > 0).
    public var openForWrite: Bool?
    /// Whether its page cache has dirty pages, or pages in writeback where `writeback` does not tell of those.
    public var dirty: Bool?
    /// Whether its page cache has pages in writeback; nil: `dirty` tells.
    public var writeback: Bool?
    /// Whether its folios have private data that the filesystem does not let go; nil: none is known of.
    public var privateData: Bool?
    /// Whether its folios have references besides those of the page cache and of mappings (a pin, a pipe, direct I/O);
    /// nil: none are known of.
    public var extraReferences: Bool?
    /// Whether pages are missing between those that are cached; nil: unknown.
    public var holes: Bool?
    /// Of a DAX file: whether its extents lie so that a PMD can map them; nil: unknown.
    public var alignedExtents: Bool?
    /// Inode flags by their chattr names: `immutable`, `journal-data`, `dax`, `compressed`, `encrypted`, `verity`.
    public var inodeFlags: Set<String>?
    /// Whether the immutable flag was set when the kernel read the inode in; nil: unknown.
    public var immutableAtLoad: Bool?
    /// Whether its data is stored compressed.
    public var compressed: Bool?
    /// Whether it is a DAX file (no page cache).
    public var dax: Bool?
    /// Whether some execute permission bit is set or it is an ELF image.
    public var executable: Bool?
    /// The orders of the folios in its page cache, for the range in question; empty: nothing cached.
    public var cachedOrders: FolioOrderSet?

    /// Facts of one file.
    public init(
        size: Int?, regular: Bool? = true, openForWrite: Bool? = nil, dirty: Bool? = nil,
        inodeFlags: Set<String>? = nil, immutableAtLoad: Bool? = nil, compressed: Bool? = nil, dax: Bool? = nil,
        executable: Bool? = nil, cachedOrders: FolioOrderSet? = nil
    ) {
        self.size = size
        self.regular = regular
        self.openForWrite = openForWrite
        self.dirty = dirty
        self.inodeFlags = inodeFlags
        self.immutableAtLoad = immutableAtLoad
        self.compressed = compressed
        self.dax = dax
        self.executable = executable
        self.cachedOrders = cachedOrders
    }
}
