/// How a session is mounted and served.
public struct SessionOptions: Sendable {
    /// The source shown in the mount table.
    public var source: String
    /// The type shown after `fuse.`.
    public var type: String
    /// Further options of mount.fuse3(8), as after `-o`.
    public var mountOptions: [String]
    /// What to ask of the kernel, taken where it is offered.
    public var wanted: Capabilities
    /// How many files may be stacked below a backing file, 1 or 2 (Linux 6.9 FILESYSTEM_MAX_STACK_DEPTH).
    public var maximumStackDepth: UInt32
    /// The most threads that handle requests at a time.
    public var maximumThreads: UInt32
    /// The largest write in bytes, a multiple of 4096 up to 1 MiB.
    public var maximumWrite: UInt32
    /// Seconds that requests still being handled are waited for at the end.
    public var drainLimit: Double

    /// Options from their parts.
    public init(
        source: String, type: String, mountOptions: [String] = [], wanted: Capabilities, maximumStackDepth: UInt32 = 1,
        maximumThreads: UInt32 = 10, maximumWrite: UInt32 = 1 << 20, drainLimit: Double = 20
    ) {
        self.source = source
        self.type = type
        self.mountOptions = mountOptions
        self.wanted = wanted
        self.maximumStackDepth = maximumStackDepth
        self.maximumThreads = maximumThreads
        self.maximumWrite = maximumWrite
        self.drainLimit = drainLimit
    }
}
