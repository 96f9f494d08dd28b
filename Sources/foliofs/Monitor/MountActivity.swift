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

    private static let cells = 30

    /// The picture: a heading and a line for each thing, at most `columns` wide.
    func lines(columns: Int, colours: Bool) -> [String] {
        let heading = "\(now.mountpoint)  \(now.source)"
        let rows: [(String, String)] = [
            ("opens", Route.allCases.map { "\($0.rawValue) \(opens($0))" }.joined(separator: "  ")),
            ("PMD-mapped", "\(ByteSize(bytes: now.pmdMappedBytes))" + change(of: \.pmdMappedBytes)),
            ("staged", staged), ("promotion", promotion),
            ("inodes", "\(now.inodes)" + rate(of: now.inodes, before?.inodes)),
            ("source", counter("watchEvents") + " events  " + counter("notifications") + " notifications"),
        ]
        let refused = now.configuration.refused.map { _ in ("refused", "the configuration, when it was read again") }
        let width = 12
        let body = (rows + [refused].compactMap { $0 }).map { name, text in
            "  " + name + String(repeating: " ", count: max(1, width - name.count)) + text
        }
        let cut = ([heading] + body).map { String($0.prefix(columns)) }
        return colours ? ["\u{1b}[1m\(cut[0])\u{1b}[0m"] + cut.dropFirst() : cut
    }

    /// First opens by a route since the mount began, and in a second.
    private func opens(_ route: Route) -> String {
        let count = now.routes[route.rawValue] ?? 0
        return "\(count)" + rate(of: count, before.map { $0.routes[route.rawValue] ?? 0 })
    }

    private var staged: String {
        guard let staging = now.staging, now.stageLimit > 0 else { return "nothing can be staged here" }
        let filled = min(Self.cells, now.stagedBytes * Self.cells / now.stageLimit)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.cells - filled)
        return "[\(bar)] \(ByteSize(bytes: now.stagedBytes)) of \(ByteSize(bytes: now.stageLimit)), "
            + "\(staging.copies) copies, \(staging.openCopies) open"
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
        let tenths = Int((Double(count - earlier) / seconds * 10).rounded())
        return " (+\(tenths / 10).\(tenths % 10)/s)"
    }

    private func change(of bytes: KeyPath<StatusDocument, Int>) -> String {
        guard let before, now[keyPath: bytes] != before[keyPath: bytes] else { return "" }
        let difference = now[keyPath: bytes] - before[keyPath: bytes]
        return " (\(difference < 0 ? "-" : "+")\(ByteSize(bytes: abs(difference))))"
    }
}
