/// A place in a text: line and column in Unicode scalars, both from 1.
package struct SourcePosition: Hashable, Comparable, Sendable {
    /// The first place.
    package static let start = SourcePosition(line: 1, column: 1)

    package var line: Int
    package var column: Int

    /// Compares by line, then by column.
    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
