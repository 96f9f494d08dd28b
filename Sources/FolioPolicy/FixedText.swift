/// A text that is part of the program: a rule's name, its source, what it found. Copying it counts no references.
public struct FixedText: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The first byte of a literal, which lives as long as the program.
    private nonisolated(unsafe) let start: UnsafePointer<UInt8>
    private let count: Int

    /// The text of a literal.
    public init(stringLiteral literal: StaticString) {
        precondition(literal.hasPointerRepresentation, "a literal of one scalar must be a string")
        start = literal.utf8Start
        count = literal.utf8CodeUnitCount
    }

    /// The text as a string of its own.
    public var description: String { withUTF8 { String(decoding: $0, as: UTF8.self) } }

    /// Calls `body` with the UTF-8 bytes of the text, which live as long as the program.
    @inline(__always)
    public func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(UnsafeBufferPointer(start: start, count: count))
    }

    /// Compares byte by byte.
    public static func == (left: FixedText, right: FixedText) -> Bool {
        guard left.count == right.count else { return false }
        if left.start == right.start { return true }
        return left.withUTF8 { left in right.withUTF8 { right in left.elementsEqual(right) } }
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
