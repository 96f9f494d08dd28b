/// What a FUSE connection can do: the bits of FUSE_INIT, `flags` and above them `flags2` (Linux include/uapi/linux/fuse.h).
public struct Capabilities: OptionSet, Sendable, CustomStringConvertible {
    /// The kernel's bits.
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
    /// FUSE_OPEN may be answered ENOSYS: then no file is opened or released any more.
    public static let noOpenSupport = Capabilities(rawValue: 1 << 17)
    /// Lookups and reads of one directory run in parallel.
    public static let parallelDirectoryOperations = Capabilities(rawValue: 1 << 18)
    /// Set-id bits are cleared by the server, on every write, chown and truncation.
    public static let handleKillPrivilege = Capabilities(rawValue: 1 << 19)
    /// POSIX ACLs are checked and kept by the kernel.
    public static let posixACL = Capabilities(rawValue: 1 << 20)
    /// Symbolic links are cached.
    public static let cacheSymbolicLinks = Capabilities(rawValue: 1 << 23)
    /// FUSE_OPENDIR may be answered ENOSYS: then no directory is opened or released any more, and listings are cached.
    public static let noOpenDirectorySupport = Capabilities(rawValue: 1 << 24)
    /// Set-id bits and file capabilities are cleared by the server where a request says so (Linux 5.11). Writes then do not
    /// ask for `security.capability` each time.
    public static let handleKillPrivilege2 = Capabilities(rawValue: 1 << 28)
    /// FUSE_SETXATTR says where an ACL is to clear the set-group-id bit (Linux 5.13).
    public static let setExtendedAttributeFlags = Capabilities(rawValue: 1 << 29)
    /// Requests that create carry the directory's group where the caller is in it (Linux 6.3).
    public static let createSupplementaryGroup = Capabilities(rawValue: 1 << 34)
    /// Opens may be answered by a backing file (Linux 6.9).
    public static let passthrough = Capabilities(rawValue: 1 << 37)

    /// Those whose bit in libfuse's FUSE_CAP_* differs from the kernel's, with that bit.
    private static let renumbered: [(Capabilities, UInt32)] = [(.posixACL, 1 << 19), (.handleKillPrivilege, 1 << 20)]
    /// Those that libfuse 3.14 passes on by itself under the kernel's number.
    private static let shared: Capabilities = [
        .asyncRead, .posixLocks, .atomicTruncate, .exportSupport, .dontMask, .spliceWrite, .spliceMove, .spliceRead,
        .fileLocks, .directoryControl, .autoInvalidateData, .readDirectoryPlus, .readDirectoryPlusAuto, .asyncDirectIO,
        .writebackCache, .noOpenSupport, .parallelDirectoryOperations, .cacheSymbolicLinks, .noOpenDirectorySupport,
    ]

    /// FUSE_CAP_*, as far as libfuse 3.14 knows them.
    var library: UInt32 {
        Self.renumbered.reduce(UInt32(truncatingIfNeeded: intersection(Self.shared).rawValue)) { bits, one in
            contains(one.0) ? bits | one.1 : bits
        }
    }

    private static let names: [(Capabilities, String)] = [
        (.asyncRead, "async_read"), (.posixLocks, "posix_locks"), (.atomicTruncate, "atomic_o_trunc"),
        (.exportSupport, "export_support"), (.dontMask, "dont_mask"), (.spliceWrite, "splice_write"),
        (.spliceMove, "splice_move"), (.spliceRead, "splice_read"), (.fileLocks, "flock_locks"),
        (.directoryControl, "ioctl_dir"), (.autoInvalidateData, "auto_inval_data"),
        (.readDirectoryPlus, "readdirplus"), (.readDirectoryPlusAuto, "readdirplus_auto"),
        (.asyncDirectIO, "async_dio"), (.writebackCache, "writeback_cache"), (.noOpenSupport, "no_open_support"),
        (.parallelDirectoryOperations, "parallel_dirops"), (.posixACL, "posix_acl"),
        (.handleKillPrivilege, "handle_killpriv"), (.cacheSymbolicLinks, "cache_symlinks"),
        (.noOpenDirectorySupport, "no_opendir_support"), (.handleKillPrivilege2, "handle_killpriv_v2"),
        (.setExtendedAttributeFlags, "setxattr_ext"), (.createSupplementaryGroup, "create_supp_group"),
        (.passthrough, "passthrough"),
    ]

    /// The names of the bits that are set, as the kernel's and libfuse's flags have them.
    public var description: String {
        Self.names.filter { contains($0.0) }.map(\.1).joined(separator: " ")
    }
}
