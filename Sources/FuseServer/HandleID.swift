/// The number by which the filesystem names an open file or directory; it comes back with every request on it.
public struct HandleID: RawRepresentable, Hashable, Sendable {
    /// The number as the filesystem chose it.
    public let rawValue: UInt64

    /// A handle from the filesystem's number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}
