import FolioFS
import FolioPolicy

/// What a mount says of itself, for people: all of it, or a row among others.
struct MountDescription {
    private let document: StatusDocument

    /// - Parameter document: what it says.
    init(_ document: StatusDocument) {
        self.document = document
    }

    /// All of it: a heading, and a row for each thing in two columns.
    var text: String {
        let width = rows.map { $0.name.count }.max() ?? 0
        let lines = rows.map { name, value in
            "  " + name + String(repeating: " ", count: width - name.count + 2) + value
        }
        return (["\(document.source) on \(document.mountpoint)"] + lines).joined(separator: "\n")
    }

    /// Several mounts, a row each.
    static func table(_ documents: [StatusDocument]) -> String {
        var table = TextTable(
            ["mountpoint", "passthrough"] + Route.allCases.map(\.rawValue)
                + ["PMD-mapped", "copies", "requests", "source"])
        for document in documents {
            table.add(
                [document.mountpoint, passthrough(document)]
                    + Route.allCases.map { "\(document.routes[$0.rawValue] ?? 0)" }
                    + [
                        "\(ByteSize(bytes: document.pmdMappedBytes))", "\(ByteSize(bytes: document.stagedBytes))",
                        "\(RequestActivity(document).count)", document.source,
                    ])
        }
        return (table.lines() + ["first opens by route; foliofs status MOUNTPOINT has all of one"]).joined(
            separator: "\n")
    }

    private static func passthrough(_ document: StatusDocument) -> String {
        document.passthrough ? "granted" : "not granted"
    }

    private var rows: [(name: String, value: String)] {
        serving + staging + requests + sources + counters
    }

    private var serving: [(name: String, value: String)] {
        let routes = document.routes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let refused = document.configuration.refused.map { text in
            [("", "refused when it was read again, what was before stays:")]
                + text.split(separator: "\n").map { ("", String($0)) }
        }
        return [
            ("passthrough", Self.passthrough(document)), ("first opens", routes.joined(separator: ", ")),
            ("configuration", document.configuration.file ?? "none"),
        ] + (refused ?? []) + document.rules.map { ("rule", "\($0.rule) (\($0.place)): \($0.opens)") }
            + [("PMD-mapped", "\(ByteSize(bytes: document.pmdMappedBytes))")]
    }

    private var staging: [(name: String, value: String)] {
        let limit = ByteSize(bytes: document.stageLimit)
        let staged = [("staged", "\(ByteSize(bytes: document.stagedBytes)) of \(limit)")]
        guard let staging = document.staging else { return staged }
        let memory = ByteSize(bytes: staging.usedBytes)
        return staged + [
            ("copies", "\(staging.copies), \(staging.openCopies) open, \(memory) of memory"),
            ("pressure", staging.pressure.isEmpty ? "nobody tells" : staging.pressure.joined(separator: ", ")),
        ]
    }

    /// How many there were, and the three operations of which there were most.
    private var requests: [(name: String, value: String)] {
        let activity = RequestActivity(document)
        return [("inodes", "\(document.inodes)"), ("requests", "\(activity.count)")]
            + activity.operations.prefix(3).map { ("  " + $0.name, "\($0.count), \($0.latency)") }
    }

    private var sources: [(name: String, value: String)] {
        let recovery = document.recovery
        let supervised = recovery.supervised ? "yes, server \(recovery.daemons)" : "no: the mount ends with its server"
        return [("supervised", supervised)]
            + document.watch.map { ("watched", "\($0.device) by \($0.method): \($0.reason)") }
    }

    private var counters: [(name: String, value: String)] {
        let counted = document.counters.sorted { $0.key < $1.key }.filter { $0.value > 0 }
        guard !counted.isEmpty else { return [] }
        return [("counters", "\(counted.count) of \(document.counters.count) are not 0")]
            + counted.map { ("  " + $0.key, "\($0.value)") }
    }
}
