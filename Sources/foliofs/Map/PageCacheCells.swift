import FolioPolicy

/// A page cache map in rows of cells, each for the same number of bytes.
struct PageCacheCells {
    /// What most of a cell's bytes are.
    enum Cell: Hashable {
        case absent
        /// Cached, in folios of an order; nil: not told.
        case cached(order: Int?)
        case pmdMapped
    }

    /// Bytes of the file in a cell: a power of two of pages.
    let cellSize: Int
    let rows: [[Cell]]

    /// As many cells as make at most `limit` rows of `columns`; a row is a power of two of bytes.
    init(_ map: PageCacheMap, columns: Int, rows limit: Int) {
        let columns = 1 << (Int.bitWidth - 1 - max(1, columns).leadingZeroBitCount)
        var cellSize = map.pageSize
        while (map.size - 1) / cellSize >= columns * limit { cellSize *= 2 }
        self.cellSize = cellSize
        var cells: [Cell] = []
        var first = 0
        for start in stride(from: 0, to: map.size, by: cellSize) {
            let end = start + min(map.size - start, cellSize)
            while first < map.runs.count, map.runs[first].offset + map.runs[first].length <= start { first += 1 }
            var weights: [Cell: Int] = [:]
            var index = first
            var rest = end - start
            while index < map.runs.count, map.runs[index].offset < end {
                let run = map.runs[index]
                let length = min(end, run.offset + run.length) - max(start, run.offset)
                weights[run.pmdMapped ? .pmdMapped : .cached(order: run.order), default: 0] += length
                rest -= length
                index += 1
            }
            weights[.absent] = rest
            cells.append(weights.max { ($0.value, $0.key.rank) < ($1.value, $1.key.rank) }?.key ?? .absent)
        }
        rows = stride(from: 0, to: cells.count, by: columns).map {
            Array(cells[$0..<min(cells.count, $0 + columns)])
        }
    }

    /// The offset of a row, to the byte, in the largest unit that it is whole in: `1280 KiB`.
    func offset(ofRow row: Int) -> String {
        let bytes = row * (rows.first?.count ?? 0) * cellSize
        return bytes == 0 ? "0" : ByteSize(bytes: bytes).exactDescription
    }
}

extension PageCacheCells.Cell {
    /// Which of two is shown that have the same share, the higher; and their order in a legend.
    var rank: Int {
        switch self {
        case .absent: -2
        case .cached(let order): order ?? -1
        case .pmdMapped: 64
        }
    }

    /// In words.
    var name: String {
        switch self {
        case .absent: "not cached"
        case .cached(nil): "cached"
        case .cached(let order?): "order \(order)"
        case .pmdMapped: "mapped by a PMD"
        }
    }

    /// One character: `.` absent, the order as a digit or letter, `c` cached in folios that are not told, `#` mapped by a PMD.
    var character: Character {
        switch self {
        case .absent: "."
        case .cached(nil): "c"
        case .cached(let order?): Character(String(order, radix: 36))
        case .pmdMapped: "#"
        }
    }

    /// As in `#rrggbb`: grey where nothing is, from yellow to red as orders grow, green what a PMD maps.
    var colour: String {
        switch self {
        case .absent: "#e8e8e8"
        case .cached(nil): "#9ecae1"
        case .cached(let order?):
            [
                "#fff3b0", "#ffe680", "#ffd54f", "#ffc107", "#ffa726", "#fb8c00", "#f4713c", "#e8553f", "#d63a3a",
                "#b71c1c",
            ][
                min(order, 9)]
        case .pmdMapped: "#2e9e4f"
        }
    }

    /// The same in the 256 colours of a terminal.
    var terminalColour: Int {
        switch self {
        case .absent: 238
        case .cached(nil): 74
        case .cached(let order?): [229, 228, 221, 220, 214, 208, 203, 167, 160, 124][min(order, 9)]
        case .pmdMapped: 34
        }
    }
}
