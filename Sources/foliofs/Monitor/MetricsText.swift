import FolioFS
import FuseServer

/// What mounts say of themselves, in Prometheus's text format 0.0.4; docs/METRICS.md has the names.
struct MetricsText {
    private enum Kind: String {
        case counter, gauge, histogram
    }

    /// One line: what follows the family's name, labels and a value that is written already.
    private struct Sample {
        var suffix = ""
        var labels: [(String, String)] = []
        let value: String
    }

    private struct Family {
        let name: String
        let kind: Kind
        let help: String
        var samples: [Sample] = []
    }

    /// A mount, and what it says; nil: its server does not answer.
    typealias Entry = (mountpoint: String, document: StatusDocument?)

    /// The text, each line ended.
    let text: String

    /// The metrics of mounts.
    init(_ mounts: [Entry]) {
        var up = Family(name: "foliofs_up", kind: .gauge, help: "Whether the server of the mount answers.")
        up.samples = mounts.map {
            Sample(labels: [("mountpoint", $0.mountpoint)], value: $0.document == nil ? "0" : "1")
        }
        var families = [up]
        func add(
            _ family: Family, _ mounts: [Entry], _ samples: (StatusDocument) -> [Sample]
        ) {
            var family = family
            for case let (mountpoint, document?) in mounts {
                for var sample in samples(document) {
                    sample.labels.insert(("mountpoint", mountpoint), at: 0)
                    family.samples.append(sample)
                }
            }
            if !family.samples.isEmpty { families.append(family) }
        }
        func gauge(_ name: String, _ help: String, _ value: (StatusDocument) -> Int) {
            add(Family(name: name, kind: .gauge, help: help), mounts) { [Sample(value: "\(value($0))")] }
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
            document.routes.sorted { $0.key < $1.key }.map { Sample(labels: [("route", $0.key)], value: "\($0.value)") }
        }
        add(
            Family(
                name: "foliofs_rule_opens_total", kind: .counter, help: "First opens for which a rule said how."),
            mounts
        ) { document in
            document.rules.map { Sample(labels: [("rule", $0.rule), ("place", $0.place)], value: "\($0.opens)") }
        }
        add(
            Family(
                name: "foliofs_request_duration_seconds", kind: .histogram,
                help: "From reading a request until its answer was written, by operation."), mounts
        ) { document in
            Self.operations(document).flatMap(Self.histogram)
        }
        let names = Set(mounts.flatMap { $0.document?.counters.keys.map { $0 } ?? [] }).sorted()
        for name in names {
            let family = Family(
                name: "foliofs_\(Self.snakeCase(name))_total", kind: .counter,
                help: "Counter \(name) of foliofs status --json.")
            add(family, mounts) { [Sample(value: "\($0.counters[name] ?? 0)")] }
        }
        text = families.map(Self.text).joined()
    }

    private static func operations(_ document: StatusDocument) -> [(String, RequestHistogram)] {
        document.requests.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Buckets as Prometheus has them: each with everything below its limit.
    private static func histogram(_ operation: String, _ requests: RequestHistogram) -> [Sample] {
        var sum: UInt64 = 0
        let buckets = (0..<RequestHistogram.mostBuckets).map { bucket in
            sum += bucket < requests.buckets.count ? requests.buckets[bucket] : 0
            let limit = RequestHistogram.limit(ofBucket: bucket).map { seconds($0, digits: 6) } ?? "+Inf"
            return Sample(suffix: "_bucket", labels: [("operation", operation), ("le", limit)], value: "\(sum)")
        }
        return buckets + [
            Sample(suffix: "_sum", labels: [("operation", operation)], value: seconds(requests.nanoseconds, digits: 9)),
            Sample(suffix: "_count", labels: [("operation", operation)], value: "\(sum)"),
        ]
    }

    /// Millionths or billionths as a decimal fraction, without a detour through floating point.
    private static func seconds(_ parts: UInt64, digits: Int) -> String {
        let text = String(repeating: "0", count: max(0, digits + 1 - "\(parts)".count)) + "\(parts)"
        return text.dropLast(digits) + "." + text.suffix(digits)
    }

    private static func text(_ family: Family) -> String {
        let samples = family.samples.map { sample in
            let labels = sample.labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
            return "\(family.name)\(sample.suffix){\(labels)} \(sample.value)\n"
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
