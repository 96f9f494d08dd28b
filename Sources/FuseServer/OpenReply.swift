/// The answer to an open: the handle, and how the kernel is to serve it.
public struct OpenReply: Sendable {
    /// FOPEN_* of Linux include/uapi/linux/fuse.h.
    public struct Flags: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt32

        /// Flags from the kernel's bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Reads and writes come to the server.
        public static let directIO = Flags(rawValue: 1 << 0)
        /// The page cache of an earlier open stays.
        public static let keepCache = Flags(rawValue: 1 << 1)
        /// A directory's entries may be cached by the kernel.
        public static let cacheDirectory = Flags(rawValue: 1 << 3)
        /// close(2) is not reported by FUSE_FLUSH.
        public static let noFlush = Flags(rawValue: 1 << 5)
        /// Direct writes may run in parallel.
        public static let parallelDirectWrites = Flags(rawValue: 1 << 6)
        /// The backing file serves it (Linux 6.9).
        public static let passthrough = Flags(rawValue: 1 << 7)
    }

    /// The filesystem's number for it.
    public var handle: HandleID
    /// How the kernel serves it.
    public var flags: Flags
    /// The file behind it; only with `.passthrough`.
    public var backing: BackingID?

    /// An answer from its parts.
    public init(handle: HandleID, flags: Flags = [], backing: BackingID? = nil) {
        self.handle = handle
        self.flags = flags
        self.backing = backing
    }
}
