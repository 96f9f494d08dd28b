/// The size of a folio as a power of two of pages: order 0 is one page.
public struct FolioOrder: RawRepresentable, Hashable, Comparable, Sendable {
    /// log2 of the number of pages, 0 ... 63.
    public let rawValue: UInt8

    /// An order from log2 of the number of pages.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// An order from log2 of the number of pages.
    public init(_ rawValue: UInt8) { self.rawValue = rawValue }

    /// One page.
    public static let zero = FolioOrder(0)

    /// Compares by size.
    public static func < (left: FolioOrder, right: FolioOrder) -> Bool { left.rawValue < right.rawValue }
}
