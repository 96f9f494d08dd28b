/// What a FUSE connection can do, by libfuse's FUSE_CAP_* bits, and passthrough.
public struct Capabilities: OptionSet, Sendable, CustomStringConvertible {
    /// libfuse's bits; passthrough is bit 37, as in the kernel's protocol.
    public let rawValue: UInt64

    /// Capabilities from bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Reads are sent without waiting for each other.
    public static let asyncRead = Capabilities(rawValue: 1 << 0)
    /// POSIX locks come to the server.
    public static let posixLocks = Capabilities(rawValue: 1 << 1)
    /// O_TRUNC comes with the open and not as an attribute to set.
    public static let atomicTruncate = Capabilities(rawValue: 1 << 3)
    /// "." and ".." can be looked up (NFS export).
    public static let exportSupport = Capabilities(rawValue: 1 << 4)
    /// The umask is not applied by the kernel.
    public static let dontMask = Capabilities(rawValue: 1 << 6)
    /// Replies may be spliced.
    public static let spliceWrite = Capabilities(rawValue: 1 << 7)
    /// Pages may be moved by splice.
    public static let spliceMove = Capabilities(rawValue: 1 << 8)
    /// Requests may be spliced.
    public static let spliceRead = Capabilities(rawValue: 1 << 9)
    /// flock(2) comes to the server.
    public static let fileLocks = Capabilities(rawValue: 1 << 10)
    /// ioctl(2) on directories comes to the server.
    public static let directoryControl = Capabilities(rawValue: 1 << 11)
    /// Cached data is dropped when size or mtime changed.
    public static let autoInvalidateData = Capabilities(rawValue: 1 << 12)
    /// Directories are read with attributes.
    public static let readDirectoryPlus = Capabilities(rawValue: 1 << 13)
    /// Directories are read with attributes where the kernel thinks it worth it.
    public static let readDirectoryPlusAuto = Capabilities(rawValue: 1 << 14)
    /// Direct I/O runs in parallel.
    public static let asyncDirectIO = Capabilities(rawValue: 1 << 15)
    /// The kernel keeps writes back; shuts passthrough off.
    public static let writebackCache = Capabilities(rawValue: 1 << 16)
    /// Lookups and reads of one directory run in parallel.
    public static let parallelDirectoryOperations = Capabilities(rawValue: 1 << 18)
    /// POSIX ACLs are checked and kept by the kernel.
    public static let posixACL = Capabilities(rawValue: 1 << 19)
    /// Set-id bits are cleared by the server.
    public static let handleKillPrivilege = Capabilities(rawValue: 1 << 20)
    /// Symbolic links are cached.
    public static let cacheSymbolicLinks = Capabilities(rawValue: 1 << 23)
    /// Opens may be answered by a backing file (Linux 6.9).
    public static let passthrough = Capabilities(rawValue: 1 << 37)

    private static let names: [(Capabilities, String)] = [
        (.asyncRead, "async_read"), (.posixLocks, "posix_locks"), (.atomicTruncate, "atomic_o_trunc"),
        (.exportSupport, "export_support"), (.dontMask, "dont_mask"), (.spliceWrite, "splice_write"),
        (.spliceMove, "splice_move"), (.spliceRead, "splice_read"), (.fileLocks, "flock_locks"),
        (.directoryControl, "ioctl_dir"), (.autoInvalidateData, "auto_inval_data"),
        (.readDirectoryPlus, "readdirplus"), (.readDirectoryPlusAuto, "readdirplus_auto"),
        (.asyncDirectIO, "async_dio"), (.writebackCache, "writeback_cache"),
        (.parallelDirectoryOperations, "parallel_dirops"), (.posixACL, "posix_acl"),
        (.handleKillPrivilege, "handle_killpriv"), (.cacheSymbolicLinks, "cache_symlinks"),
        (.passthrough, "passthrough"),
    ]

    /// The names of the bits that are set, as libfuse's options have them.
    public var description: String {
        Self.names.filter { contains($0.0) }.map(\.1).joined(separator: " ")
    }
}
