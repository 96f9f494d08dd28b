import FolioFS
import FolioPolicy

/// What a mount is, and what it has done between two looks.
struct MountActivity {
    /// What it says of itself.
    let now: StatusDocument
    /// What it said the time before; nil: this is the first.
    let before: StatusDocument?
    /// Seconds between the two.
    let seconds: Double

    /// The most and the fewest cells of the bar, and what stands before a line's text.
    private static let (mostCells, fewestCells, margin) = (30, 8, 16)

    /// The picture: a heading and a line for each thing, at most `columns` wide.
    func lines(columns: Int, colours: Bool) -> [String] {
        let heading = "\(now.mountpoint)  \(now.source)"
        let rows: [(String, String)] = [
            ("opens", Route.allCases.map { "\($0.rawValue) \(opens($0))" }.joined(separator: "  ")),
            ("PMD-mapped", "\(ByteSize(bytes: now.pmdMappedBytes))" + change(of: \.pmdMappedBytes)),
            ("staged", staged(columns - Self.margin)), ("promotion", promotion),
            ("inodes", "\(now.inodes)" + rate(of: now.inodes, before?.inodes)),
            ("source", counter("watchEvents") + " events  " + counter("notifications") + " notifications"),
            ("requests", requests),
        ]
        let refused = now.configuration.refused.map { _ in ("refused", "the configuration, when it was read again") }
        let body = (rows + busiest + [refused].compactMap { $0 }).map { name, text in
            "  " + name + String(repeating: " ", count: max(1, Self.margin - 2 - name.count)) + text
        }
        let cut = ([heading] + body).map { String($0.prefix(columns)) }
        return colours ? ["\u{1b}[1m\(cut[0])\u{1b}[0m"] + cut.dropFirst() : cut
    }

    /// First opens by a route since the mount began, and in a second.
    private func opens(_ route: Route) -> String {
        let count = now.routes[route.rawValue] ?? 0
        return "\(count)" + rate(of: count, before.map { $0.routes[route.rawValue] ?? 0 })
    }

    private var requests: String {
        let all = RequestActivity(now).count
        return "\(all)" + rate(of: all, before.map { all - RequestActivity(now, since: $0).count })
    }

    /// The three operations of which most came since the look before, or since the mount began where there was none.
    private var busiest: [(String, String)] {
        RequestActivity(now, since: before).operations.prefix(3).map { operation in
            let often = before == nil ? "\(operation.count)" : perSecond(operation.count) + "/s"
            return ("  " + operation.name, "\(often), \(operation.latency)")
        }
    }

    /// - Parameter columns: the characters that there are for it.
    private func staged(_ columns: Int) -> String {
        guard let staging = now.staging, now.stageLimit > 0 else { return "nothing can be staged here" }
        let text =
            "\(ByteSize(bytes: now.stagedBytes)) of \(ByteSize(bytes: now.stageLimit)), "
            + "\(staging.copies) copies, \(staging.openCopies) open"
        let cells = max(Self.fewestCells, min(Self.mostCells, columns - text.count - 3))
        let filled = min(cells, now.stagedBytes * cells / now.stageLimit)
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled) + "] " + text
    }

    private var promotion: String {
        let bytes = (now.counters["promotedBytes"] ?? 0) - (before?.counters["promotedBytes"] ?? 0)
        let speed = before == nil || seconds <= 0 ? "" : ", \(ByteSize(bytes: Int(Double(bytes) / seconds)))/s"
        return "\(counter("promotions")) done, \(now.promotionsPending) pending, \(now.promotionsWatched) watched"
            + speed
    }

    private func counter(_ name: String) -> String {
        let count = now.counters[name] ?? 0
        return "\(count)" + rate(of: count, before.map { $0.counters[name] ?? 0 })
    }

    /// " (+2.5/s)", where it has grown.
    private func rate(of count: Int, _ earlier: Int?) -> String {
        guard let earlier, count > earlier, seconds > 0 else { return "" }
        return " (+\(perSecond(count - earlier))/s)"
    }

    /// How many come in a second, with one decimal; the interval is more than nothing.
    private func perSecond(_ count: Int) -> String {
        let tenths = Int((Double(count) / max(seconds, 0.001) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func change(of bytes: KeyPath<StatusDocument, Int>) -> String {
        guard let before, now[keyPath: bytes] != before[keyPath: bytes] else { return "" }
        let difference = now[keyPath: bytes] - before[keyPath: bytes]
        return " (\(difference < 0 ? "-" : "+")\(ByteSize(bytes: abs(difference))))"
    }
}
