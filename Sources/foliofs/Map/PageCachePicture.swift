import FolioPolicy

/// A page cache map as a picture.
struct PageCachePicture {
    private static let side = 8
    private static let left = 96
    private static let top = 44
    private static let legendLine = 18

    private let map: PageCacheMap
    private let cells: PageCacheCells

    init(_ map: PageCacheMap) {
        self.map = map
        cells = PageCacheCells(map, columns: 128, rows: 128)
    }

    /// A whole HTML page, which needs nothing else.
    var html: String {
        let rows = map.folios.map { folios in
            let order = folios.order.map { "order \($0), \(ByteSize(bytes: map.pageSize << $0))" } ?? "not told"
            return "<tr><td>\(order)</td><td>\(folios.count.map(String.init) ?? "")</td>"
                + "<td>\(ByteSize(bytes: folios.bytes))</td><td>\(folios.bytes * 100 / max(1, map.size)) %</td></tr>"
        }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(map.path))</title>
            <style>body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}td,th{padding:.2em 1em;text-align:right;border-bottom:1px solid #ddd}</style>
            </head><body>
            \(svg)
            <table><tr><th>folios of</th><th>count</th><th>bytes</th><th>share of the file</th></tr>
            \(rows.joined(separator: "\n"))
            </table></body></html>

            """
    }

    var svg: String {
        let side = Self.side
        let width = max(Self.left + max(60, cells.rows.first?.count ?? 0) * side + 16, 24 + map.path.count * 8)
        let bottom = Self.top + cells.rows.count * side
        let legend = legend(y: bottom + 26, width: width)
        let height = bottom + 22 + legend.lines * Self.legendLine
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
                + "viewBox=\"0 0 \(width) \(height)\" font-family=\"sans-serif\" font-size=\"11\">",
            patterns, "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            "<text x=\"8\" y=\"18\" font-size=\"14\">\(Self.escaped(map.path))</text>",
            "<text x=\"8\" y=\"34\" fill=\"#555\">\(summary)</text>",
        ]
        for (number, row) in cells.rows.enumerated() {
            let y = Self.top + number * side
            if number % 8 == 0 {
                parts.append(
                    "<text x=\"\(Self.left - 8)\" y=\"\(y + side)\" text-anchor=\"end\" fill=\"#555\">"
                        + cells.offset(ofRow: number) + "</text>")
            }
            var start = 0
            while start < row.count {
                let end = row[start...].firstIndex { $0 != row[start] } ?? row.count
                parts.append(
                    "<rect x=\"\(Self.left + start * side)\" y=\"\(y)\" width=\"\((end - start) * side)\" "
                        + "height=\"\(blockHeight(of: row[start], inRow: number))\" fill=\"\(fill(of: row[start]))\"/>")
                start = end
            }
        }
        return (parts + legend.parts).joined(separator: "\n") + "\n</svg>\n"
    }

    /// Cells that one folio covers, where it covers whole ones.
    private func folioCells(_ cell: PageCacheCells.Cell) -> Int? {
        let bytes: Int
        switch cell {
        case .cached(let order?): bytes = map.pageSize << order
        case .pmdMapped: bytes = map.pmdSize
        case .absent, .cached(nil): return nil
        }
        return bytes >= cells.cellSize ? bytes / cells.cellSize : nil
    }

    private var columns: Int { cells.rows.first?.count ?? 0 }

    /// A folio of several rows is one block: a gap comes after its last row alone.
    private func blockHeight(of cell: PageCacheCells.Cell, inRow row: Int) -> Int {
        guard let folio = folioCells(cell), folio > columns, (row + 1) % (folio / columns) != 0 else {
            return Self.side - 1
        }
        return Self.side
    }

    private func fill(of cell: PageCacheCells.Cell) -> String {
        patterned(cell) == nil ? cell.colour : "url(#folio\(cell.rank))"
    }

    /// The cells of a folio that is narrower than a row.
    private func patterned(_ cell: PageCacheCells.Cell) -> Int? {
        folioCells(cell).flatMap { $0 < columns ? $0 : nil }
    }

    /// Folios that are narrower than a row, each a block with a gap after it.
    private var patterns: String {
        let side = Self.side
        let shown = Set(cells.rows.joined()).sorted { $0.rank < $1.rank }
        let definitions = shown.compactMap { cell in
            patterned(cell).map { folio in
                "<pattern id=\"folio\(cell.rank)\" x=\"\(Self.left)\" y=\"\(Self.top)\" width=\"\(folio * side)\" "
                    + "height=\"\(side)\" patternUnits=\"userSpaceOnUse\">"
                    + "<rect width=\"\(folio * side - 1)\" height=\"\(side)\" fill=\"\(cell.colour)\"/></pattern>"
            }
        }
        return "<defs>" + definitions.joined() + "</defs>"
    }

    private var summary: String {
        let filesystem = map.filesystem.map { "\($0), " } ?? ""
        return Self.escaped(filesystem)
            + "\(ByteSize(bytes: map.size)), \(ByteSize(bytes: map.cachedBytes)) cached, "
            + "\(ByteSize(bytes: map.pmdMappedBytes)) mapped by PMDs; a cell is \(ByteSize(bytes: cells.cellSize)), a block a folio"
    }

    /// In as many lines as the width takes.
    private func legend(y top: Int, width: Int) -> (parts: [String], lines: Int) {
        let cells = Set(cells.rows.joined()).sorted { $0.rank < $1.rank }
        var (x, y) = (Self.left, top)
        let parts = cells.flatMap { cell in
            let name = cell.name
            let room = 26 + name.count * 7
            if x + room > width { (x, y) = (Self.left, y + Self.legendLine) }
            defer { x += room }
            return [
                "<rect x=\"\(x)\" y=\"\(y - 9)\" width=\"10\" height=\"10\" fill=\"\(cell.colour)\"/>",
                "<text x=\"\(x + 14)\" y=\"\(y)\">\(name)</text>",
            ]
        }
        return (parts, (y - top) / Self.legendLine + 1)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
