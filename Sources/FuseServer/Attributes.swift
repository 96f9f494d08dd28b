public import Glibc

/// A node's attributes and for how long the kernel may keep them.
public struct Attributes: Sendable {
    /// stat(2)'s answer; `st_ino` is what programs see.
    public var status: stat
    /// Seconds that the kernel may answer from this without asking.
    public var timeout: Double

    /// Attributes from stat(2)'s answer and a timeout in seconds.
    public init(_ status: stat, timeout: Double) {
        self.status = status
        self.timeout = timeout
    }
}
