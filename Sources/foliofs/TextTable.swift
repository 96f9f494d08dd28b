/// Rows of words in columns as wide as they must be; the last column is as long as it likes.
struct TextTable {
    private var rows: [[String]]

    /// A table with its heading.
    init(_ heading: String...) {
        rows = [heading]
    }

    /// A table with its heading.
    init(_ heading: [String]) {
        rows = [heading]
    }

    /// Adds a row.
    mutating func add(_ row: String...) {
        rows.append(row)
    }

    /// Adds a row.
    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// The lines, each with `indent` spaces before it.
    func lines(indent: Int = 0) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return String(repeating: " ", count: indent) + cells.joined(separator: "  ")
        }
    }
}
