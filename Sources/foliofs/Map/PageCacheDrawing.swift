import FolioPolicy

/// A page cache map in characters.
struct PageCacheDrawing {
    private let map: PageCacheMap
    private let cells: PageCacheCells
    private let colours: Bool

    /// - Parameter columns: characters in a line.
    init(_ map: PageCacheMap, columns: Int, colours: Bool) {
        self.map = map
        self.colours = colours
        cells = PageCacheCells(map, columns: columns - 14, rows: 32)
    }

    var text: String {
        let filesystem = map.filesystem.map { " on \($0)" } ?? ""
        var lines = [
            "\(map.path)\(filesystem): \(ByteSize(bytes: map.size)), \(ByteSize(bytes: map.cachedBytes)) cached, "
                + "\(ByteSize(bytes: map.pmdMappedBytes)) mapped by PMDs"
        ]
        guard map.size > 0 else { return lines[0] }
        let labels = cells.rows.indices.map(cells.offset)
        let width = labels.map(\.count).max() ?? 0
        for (label, row) in zip(labels, cells.rows) {
            lines.append(String(repeating: " ", count: width - label.count) + label + " " + drawn(row))
        }
        lines.append("each cell \(ByteSize(bytes: cells.cellSize)): \(legend)")
        guard !map.folios.isEmpty else { return lines.joined(separator: "\n") }
        var table = TextTable("folios of", "count", "bytes", "share of the file")
        for folios in map.folios {
            table.add(
                name(folios.order), folios.count.map(String.init) ?? "-", ByteSize(bytes: folios.bytes).description,
                "\(folios.bytes * 100 / map.size) %")
        }
        return (lines + table.lines()).joined(separator: "\n")
    }

    private func name(_ order: Int?) -> String {
        order.map { "order \($0), \(ByteSize(bytes: map.pageSize << $0))" } ?? "an order not told (takes root)"
    }

    private var legend: String {
        let known = Set(cells.rows.joined())
        var words: [String] = []
        if known.contains(.pmdMapped) { words.append(drawn([.pmdMapped]) + " mapped by a PMD") }
        let orders = known.compactMap { if case .cached(let order?) = $0 { order } else { nil } }.sorted()
        if !orders.isEmpty {
            words.append(orders.map { drawn([.cached(order: $0)]) }.joined(separator: " ") + " cached, by order")
        }
        if known.contains(.cached(order: nil)) { words.append(drawn([.cached(order: nil)]) + " cached") }
        if known.contains(.absent) { words.append(drawn([.absent]) + " not cached") }
        return words.joined(separator: ", ")
    }

    private func drawn(_ row: [PageCacheCells.Cell]) -> String {
        guard colours else { return String(row.map(\.character)) }
        var text = ""
        var last: PageCacheCells.Cell?
        for cell in row {
            if cell != last { text += "\u{1b}[38;5;16;48;5;\(cell.terminalColour)m" }
            text.append(cell.character)
            last = cell
        }
        return text + "\u{1b}[0m"
    }
}
