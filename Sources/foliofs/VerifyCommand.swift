import ArgumentParser
import CollapseHarness
import FolioPolicy
import Glibc
import LinuxFacts

/// `foliofs verify`: the scenario suite on this machine.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Play every scenario here and hold the kernel to what was predicted.",
        discussion: """
            Filesystems are made in images in memory, in a mount namespace of this process alone; nothing stays behind. \
            Needs root. Exit code 3 where the kernel did otherwise than predicted.
            """)

    @Option(
        name: .customLong("filesystem"),
        help: ArgumentHelp("Only this filesystem, or this stage: ext4, ext4-journal. Repeatable.", valueName: "name"))
    var filesystems: [String] = []

    @Option(
        name: .customLong("stage"),
        help: ArgumentHelp("Only this stage, not the others of its filesystem: ext4. Repeatable.", valueName: "name"))
    var stages: [String] = []

    @Option(help: ArgumentHelp("Only scenarios whose case line has this in it.", valueName: "text"))
    var matching: String?

    @Option(help: ArgumentHelp("Only the scenarios of this point, or of all: in-place. Repeatable.", valueName: "name"))
    var point: [String] = []

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp(
            "Play this one, and tell all of it: 'xfs collapse cache=pmd'. What is not said is as usual.",
            valueName: "line"))
    var caseLine: String?

    @Flag(help: "Play also what needs settings of the machine changed for a moment; they are put back.")
    var changeSettings = false

    @OptionGroup var config: KernelConfigOptions

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "List the scenarios, and what is none of them and why, and play none.")
    var list = false

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        for name in filesystems where !ScenarioSuite.names.contains(name) {
            let names = ScenarioSuite.names.sorted().joined(separator: " ")
            throw ValidationError("--filesystem \(name) is none of: \(names)")
        }
        for name in stages where StageRecipe.named(name) == nil {
            throw ValidationError(
                "--stage \(name) is none of: \(StageRecipe.all.map(\.name).joined(separator: " "))")
        }
        for name in point where name != "all" && !ScenarioPoint.all.contains(where: { $0.name == name }) {
            let names = ScenarioPoint.all.map(\.name).joined(separator: " ")
            throw ValidationError("--point \(name) is none of: all \(names)")
        }
        if let caseLine {
            do throws(ScenarioLineError) {
                let scenario = try Scenario(line: caseLine)
                if let rule = PruningRule.first(scenario) {
                    throw ScenarioLineError("\(scenario.line) is no case: \(rule.why) (\(rule.id))")
                }
            } catch {
                throw ValidationError("--case: \(error)")
            }
        }
    }

    func run() throws {
        if list {
            Terminal.print(listing)
            return
        }
        let privileges = Privileges.read()
        guard privileges.administrator, privileges.initialNamespace else {
            throw CommandFailure(
                "cannot verify on this machine: EPERM; run it as root in the initial user namespace", code: .lacking)
        }
        let registry = try plugins.registry()
        let workspace = try Workspace()
        StopSignal.install()
        let reader = try FactReader()
        var kernel = reader.kernel()
        config.apply(to: &kernel)
        let bar = ProgressBar("verify", .number)
        defer { bar.end() }
        let suite = ScenarioSuite(
            workspace: workspace, reader: reader, kernel: kernel, registry: registry,
            mayChangeSettings: changeSettings, played: { bar.show($0, of: $1) }
        ) {
            bar.end()
            Terminal.fail($0)
        }
        if let caseLine {
            let report = try suite.play(try Scenario(line: caseLine))
            Terminal.print(json ? try JSONText.pretty(report) : Self.text(report))
            if report.disagrees { throw ExitCode.disagreement }
            return
        }
        let report = suite.run(chosen)
        bar.end()
        Terminal.print(json ? try JSONText.pretty(report) : Self.text(report))
        if !report.disagreements.isEmpty { throw ExitCode.disagreement }
        if report.interrupted { throw CommandFailure("verify was interrupted: EINTR; run it again") }
    }

    /// The scenarios that are asked for.
    private var chosen: [Scenario] {
        let wanted = ScenarioPoint.all.filter { point.contains($0.name) || point.contains("all") }
        let points = Set(wanted.flatMap(\.scenarios))
        return ScenarioGenerator.scenarios.filter { isChosen($0) && (point.isEmpty || points.contains($0)) }
    }

    private func isChosen(_ scenario: Scenario) -> Bool {
        let filesystem = StageRecipe.named(scenario.stage)?.filesystem ?? ""
        let isThere =
            filesystems.isEmpty && stages.isEmpty || stages.contains(scenario.stage)
            || filesystems.contains(scenario.stage) || filesystems.contains(filesystem)
        return isThere && (matching.map { scenario.line.contains($0) } ?? true)
    }

    /// The cases, a line each; what is no case, with the rule that says so; and how often each rule does.
    private var listing: String {
        let cases = chosen.map(\.line)
        let pruned = point.isEmpty ? ScenarioGenerator.pruned.filter { isChosen($0.scenario) } : []
        let counts = Dictionary(grouping: pruned, by: \.rule.id).mapValues(\.count)
        let rules = PruningRule.all.compactMap { rule in
            counts[rule.id].map { "# \($0) are no case by \(rule.id): \(rule.why)" }
        }
        return
            (cases + pruned.map { "# \($0.scenario.line): \($0.rule.id)" } + rules
            + ["# \(cases.count) cases, \(pruned.count) combinations that are none"]).joined(separator: "\n")
    }

    /// All of one case: what was predicted of every chunk and by what, and what was seen.
    static func text(_ report: CollapseReport) -> String {
        var lines = [report.path]
        for chunk in report.chunks {
            let predicted = PredictionDocument(chunk.decision)
            lines.append("at \(chunk.offset):")
            lines += predicted.trace.map { "  " + $0 }
            let words = [chunk.decision.verdict.rawValue, chunk.decision.errno, chunk.decision.scanReason]
                .compactMap { $0 }
            lines.append(
                "  predicted \(words.joined(separator: " ")), \(chunk.decision.chunks.first?.action.rawValue ?? "no plan")"
            )
            lines.append("  observed \(text(chunk.seen))")
            switch chunk.agreement {
            case .agreed: lines.append("  agreed")
            case .noPrediction(let missing):
                lines.append("  no prediction: not known: \(missing.joined(separator: ", "))")
            case .disagreed(let differences): lines.append("  disagreed: \(differences.joined(separator: "; "))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ seen: ChunkObservation) -> String {
        let orders = seen.orders.map { $0.map { String($0.rawValue) }.joined(separator: " ") } ?? "not seen"
        let parts = [
            seen.errno ?? "no error", seen.pmdMapped.map { $0 ? "PMD-mapped" : "not PMD-mapped" } ?? "mapping not seen",
            seen.scanReason, "orders \(orders)", seen.moved.map { $0 ? "other frames" : "the same frames" },
            seen.foliosKept.map { $0 ? "folios kept" : "folios not kept" },
            seen.contentIntact ? "content intact" : "content changed",
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    static func text(_ report: VerifyReport) -> String {
        var lines: [String] = []
        for disagreement in report.disagreements {
            let predicted = PredictionDocument(disagreement.predicted)
            lines += [
                "foliofs verify --case '\(disagreement.scenario)'",
                "  at \(disagreement.offset): \(disagreement.differences.joined(separator: "; "))",
            ]
            lines.append(
                "  predicted \(disagreement.predicted.verdict.rawValue) \(disagreement.predicted.errno ?? "")"
                    + (predicted.rule.map { " by " + $0 } ?? ""))
            lines.append("  observed \(text(disagreement.observed))")
        }
        for race in report.repeated {
            lines.append("agreed after it had disagreed \(race.disagreed) times: \(race.scenario)")
        }
        var reasons: [String: Int] = [:]
        for skip in report.skipped { reasons[skip.reason, default: 0] += 1 }
        for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) { lines.append("skipped \(count): \(reason)") }
        lines.append("Linux \(report.kernel): \(report.agreed) of \(report.cases) predictions agreed")
        return lines.joined(separator: "\n")
    }
}
