/// A folio of a `PageCacheModel`: a naturally aligned run of pages with their contents.
///
/// One that is not aligned, or that has not as many pages as its order says, cannot be made.
public struct ModelFolio: Hashable, Sendable {
    /// Tells folios apart that hold the same: a folio that is copied gets another.
    public let identity: Int
    /// The index in the file of its first page, a multiple of its number of pages.
    public let index: Int
    /// log2 of its number of pages.
    public let order: FolioOrder
    /// What each page holds, a number for all of its bytes.
    public internal(set) var pages: [UInt64]
    /// Whether it holds what storage does not.
    public internal(set) var dirty: Bool
    /// Whether a collapse has it locked.
    var locked = false

    /// A folio; nil where it would not be naturally aligned or has not 2^order pages.
    public init?(identity: Int, index: Int, order: FolioOrder, pages: [UInt64], dirty: Bool) {
        guard order.rawValue < 32, index >= 0, index & (1 << Int(order.rawValue) - 1) == 0,
            pages.count == 1 << Int(order.rawValue)
        else { return nil }
        self.identity = identity
        self.index = index
        self.order = order
        self.pages = pages
        self.dirty = dirty
    }

    /// The indices of its pages.
    public var range: Range<Int> { index..<index + pages.count }
}
