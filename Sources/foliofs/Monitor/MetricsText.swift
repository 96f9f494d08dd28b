import FolioFS

/// What mounts say of themselves, in Prometheus's text format 0.0.4; docs/METRICS.md has the names.
struct MetricsText {
    private enum Kind: String {
        case counter, gauge
    }

    private struct Family {
        let name: String
        let kind: Kind
        let help: String
        var samples: [(labels: [(String, String)], value: Int)] = []
    }

    /// A mount, and what it says; nil: its server does not answer.
    typealias Entry = (mountpoint: String, document: StatusDocument?)

    /// The text, each line ended.
    let text: String

    /// The metrics of mounts.
    init(_ mounts: [Entry]) {
        var up = Family(name: "foliofs_up", kind: .gauge, help: "Whether the server of the mount answers.")
        up.samples = mounts.map { ([("mountpoint", $0.mountpoint)], $0.document == nil ? 0 : 1) }
        var families = [up]
        func add(
            _ family: Family, _ mounts: [Entry],
            _ samples: (StatusDocument) -> [(labels: [(String, String)], value: Int)]
        ) {
            var family = family
            for case let (mountpoint, document?) in mounts {
                family.samples += samples(document).map { ([("mountpoint", mountpoint)] + $0.labels, $0.value) }
            }
            if !family.samples.isEmpty { families.append(family) }
        }
        func gauge(_ name: String, _ help: String, _ value: (StatusDocument) -> Int) {
            add(Family(name: name, kind: .gauge, help: help), mounts) { [([], value($0))] }
        }
        gauge("foliofs_passthrough", "Whether the kernel granted passthrough.") { $0.passthrough ? 1 : 0 }
        gauge("foliofs_configuration_refused", "Whether a configuration was refused when it was read again.") {
            $0.configuration.refused == nil ? 0 : 1
        }
        gauge("foliofs_inodes", "Inodes that the kernel knows.") { $0.inodes }
        gauge("foliofs_pmd_mapped_bytes", "Bytes last seen to be mapped by PMDs for whoever maps the files.") {
            $0.pmdMappedBytes
        }
        gauge("foliofs_stage_limit_bytes", "What staged copies may take together.") { $0.stageLimit }
        gauge("foliofs_staged_bytes", "What they take of it.") { $0.stagedBytes }
        gauge("foliofs_staged_copies", "Staged copies.") { $0.staging?.copies ?? 0 }
        gauge("foliofs_staged_copies_open", "Staged copies that are open.") { $0.staging?.openCopies ?? 0 }
        gauge("foliofs_promotions_pending", "Files that are promoted or wait for it.") { $0.promotionsPending }
        gauge("foliofs_promotions_watched", "Promoted files that are open.") { $0.promotionsWatched }
        add(
            Family(name: "foliofs_first_opens_total", kind: .counter, help: "First opens of files by route."), mounts
        ) { document in
            document.routes.sorted { $0.key < $1.key }.map { ([("route", $0.key)], $0.value) }
        }
        add(
            Family(
                name: "foliofs_rule_opens_total", kind: .counter, help: "First opens for which a rule said how."),
            mounts
        ) { document in
            document.rules.map { ([("rule", $0.rule), ("place", $0.place)], $0.opens) }
        }
        let names = Set(mounts.flatMap { $0.document?.counters.keys.map { $0 } ?? [] }).sorted()
        for name in names {
            let family = Family(
                name: "foliofs_\(Self.snakeCase(name))_total", kind: .counter,
                help: "Counter \(name) of foliofs status --json.")
            add(family, mounts) { [([], $0.counters[name] ?? 0)] }
        }
        text = families.map(Self.text).joined()
    }

    private static func text(_ family: Family) -> String {
        let samples = family.samples.map { sample in
            let labels = sample.labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
            return "\(family.name){\(labels)} \(sample.value)\n"
        }
        return "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            + samples.joined()
    }

    /// A label's value: backslash, quote and newline are escaped.
    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
    }

    /// `mirroredWrites` as `mirrored_writes`.
    private static func snakeCase(_ name: String) -> String {
        name.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }
}
