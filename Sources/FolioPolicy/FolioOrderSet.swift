/// A set of folio orders from 0 to 63, as bits.
public struct FolioOrderSet: Hashable, Sendable, SetAlgebra, Sequence {
    /// An order.
    public typealias Element = FolioOrder

    private var bits: UInt64

    /// No order.
    public init() { bits = 0 }

    /// The orders of a sequence; those above 63 are left out.
    public init(_ orders: some Sequence<FolioOrder>) {
        self.init()
        for order in orders { insert(order) }
    }

    private init(bits: UInt64) { self.bits = bits }

    private static func bit(_ order: FolioOrder) -> UInt64 { order.rawValue < 64 ? 1 << UInt64(order.rawValue) : 0 }

    /// Whether there is none.
    public var isEmpty: Bool { bits == 0 }
    /// How many there are.
    public var count: Int { bits.nonzeroBitCount }
    /// The smallest; nil: there is none.
    public var smallest: FolioOrder? { bits == 0 ? nil : FolioOrder(UInt8(bits.trailingZeroBitCount)) }
    /// The largest; nil: there is none.
    public var largest: FolioOrder? { bits == 0 ? nil : FolioOrder(UInt8(63 - bits.leadingZeroBitCount)) }

    /// Whether `order` is in it.
    public func contains(_ order: FolioOrder) -> Bool { bits & Self.bit(order) != 0 }

    /// Puts `order` in.
    @discardableResult
    public mutating func insert(_ order: FolioOrder) -> (inserted: Bool, memberAfterInsert: FolioOrder) {
        let inserted = !contains(order)
        bits |= Self.bit(order)
        return (inserted, order)
    }

    /// Takes `order` out.
    @discardableResult
    public mutating func remove(_ order: FolioOrder) -> FolioOrder? {
        guard contains(order) else { return nil }
        bits &= ~Self.bit(order)
        return order
    }

    /// Puts `order` in.
    @discardableResult
    public mutating func update(with order: FolioOrder) -> FolioOrder? { insert(order).inserted ? nil : order }

    /// Those in either.
    public func union(_ other: FolioOrderSet) -> FolioOrderSet { FolioOrderSet(bits: bits | other.bits) }
    /// Those in both.
    public func intersection(_ other: FolioOrderSet) -> FolioOrderSet { FolioOrderSet(bits: bits & other.bits) }
    /// Those in one of them only.
    public func symmetricDifference(_ other: FolioOrderSet) -> FolioOrderSet { FolioOrderSet(bits: bits ^ other.bits) }
    /// Puts those of `other` in.
    public mutating func formUnion(_ other: FolioOrderSet) { bits |= other.bits }
    /// Takes those out that are not in `other`.
    public mutating func formIntersection(_ other: FolioOrderSet) { bits &= other.bits }
    /// Keeps those in one of them only.
    public mutating func formSymmetricDifference(_ other: FolioOrderSet) { bits ^= other.bits }

    /// The orders from the smallest on.
    public func makeIterator() -> Iterator { Iterator(bits: bits) }

    /// Goes through the orders from the smallest on.
    public struct Iterator: IteratorProtocol, Sendable {
        fileprivate var bits: UInt64

        /// The next larger order; nil: that was the last.
        public mutating func next() -> FolioOrder? {
            guard bits != 0 else { return nil }
            defer { bits &= bits - 1 }
            return FolioOrder(UInt8(bits.trailingZeroBitCount))
        }
    }
}
