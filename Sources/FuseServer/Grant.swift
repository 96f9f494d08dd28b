/// What the kernel and the server agreed on when the mount began.
public struct Grant: Sendable {
    /// The minor number of FUSE protocol 7.
    public var protocolMinor: UInt32
    /// What the kernel offered.
    public var offered: Capabilities
    /// What is used: offered and asked for.
    public var granted: Capabilities
    /// What was asked for and not offered.
    public var refused: Capabilities
    /// The largest write in bytes that comes in one request.
    public var maximumWrite: UInt32
}
