/// A place in a text: line and column in Unicode scalars, both from 1.
struct SourcePosition: Hashable, Comparable, Sendable {
    /// The first place.
    static let start = SourcePosition(line: 1, column: 1)

    var line: Int
    var column: Int

    /// Compares by line, then by column.
    static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
