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

    @Option(help: ArgumentHelp("Only scenarios whose name has this in it.", valueName: "text"))
    var matching: String?

    @OptionGroup var config: KernelConfigOptions

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "List the scenarios and play none.")
    var list = false

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        for name in filesystems where !ScenarioSuite.names.contains(name) {
            let names = ScenarioSuite.names.sorted().joined(separator: " ")
            throw ValidationError("--filesystem \(name) is none of: \(names)")
        }
    }

    func run() throws {
        if list {
            Terminal.print(ScenarioTable.scenarios.map(\.name).joined(separator: "\n"))
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
        let suite = ScenarioSuite(workspace: workspace, reader: reader, kernel: kernel, registry: registry) {
            Terminal.fail($0)
        }
        let report = suite.run(filesystems: Set(filesystems), matching: matching)
        Terminal.print(json ? try JSONText.pretty(report) : Self.text(report))
        if !report.disagreements.isEmpty { throw ExitCode.disagreement }
        if report.interrupted { throw CommandFailure("verify was interrupted: EINTR; run it again") }
    }

    static func text(_ report: VerifyReport) -> String {
        var lines: [String] = []
        for disagreement in report.disagreements {
            let predicted = PredictionDocument(disagreement.predicted)
            lines.append(
                "\(disagreement.scenario) at \(disagreement.offset): \(disagreement.differences.joined(separator: "; "))"
            )
            lines.append(
                "  predicted \(disagreement.predicted.verdict.rawValue) \(disagreement.predicted.errno ?? "")"
                    + (predicted.rule.map { " by " + $0 } ?? ""))
            let seen = disagreement.observed
            lines.append(
                "  observed \(seen.errno ?? "no error"), "
                    + (seen.pmdMapped.map { $0 ? "PMD-mapped" : "not PMD-mapped" } ?? "mapping not seen")
                    + (seen.scanReason.map { ", " + $0 } ?? ""))
        }
        var reasons: [String: Int] = [:]
        for skip in report.skipped { reasons[skip.reason, default: 0] += 1 }
        for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) { lines.append("skipped \(count): \(reason)") }
        lines.append("Linux \(report.kernel): \(report.agreed) of \(report.cases) predictions agreed")
        return lines.joined(separator: "\n")
    }
}
