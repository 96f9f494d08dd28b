import ArgumentParser
import CollapseHarness
import FolioCapability
import FolioPolicy
import LinuxFacts
import SystemPackage

/// `foliofs probe`: what a filesystem's page cache really holds, against what its plugin claims.
struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Measure a filesystem's capability, and hold its plugin to it.",
        discussion: """
            Makes a file of four PMD chunks in the directory and takes it away again; where that cannot be written, the \
            page cache of the largest file in it is used. Needs root. Exit code 3 where the filesystem does otherwise \
            than its plugin claims.
            """)

    @Argument(help: ArgumentHelp("A directory on the filesystem.", valueName: "dir"))
    var directory: String

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let report = try Self.report(FilePath(directory), registry: try plugins.registry())
        Terminal.print(json ? try JSONText.pretty(report) : Self.text(report))
        if !report.disagreements.isEmpty { throw ExitCode.disagreement }
    }

    /// Probes a directory.
    static func report(_ directory: FilePath, registry: CapabilityRegistry) throws -> ProbeReport {
        guard Privileges.read().administrator else {
            throw CommandFailure("cannot probe \(directory): EPERM; folios are seen by root only", code: .lacking)
        }
        do {
            return try FilesystemProbe(directory, reader: try FactReader(), registry: registry).run()
        } catch let error as LinuxError where error.action == "probe" {
            throw CommandFailure(error.description, code: .lacking)
        }
    }

    /// The report for a person.
    static func text(_ report: ProbeReport) -> String {
        let kernel = report.kernel.version?.description ?? "of unknown version"
        let type = report.filesystem.type ?? "an unknown filesystem"
        var lines = ["\(report.directory): \(type), Linux \(kernel)" + (report.file.map { ", by \($0)" } ?? ""), ""]
        var ways = TextTable("way", "orders", "PMD-mapped", "predicted")
        for way in report.seen {
            let orders = Fact.Value.orders(way.orders).description
            let mapped = way.pmdMapped.map { $0 ? "yes" : "no" } ?? "not seen"
            let predicted = way.decision.map {
                $0.verdict == .unknown ? "unknown" : $0.verdict == .allowed ? "yes" : "no"
            }
            ways.add(
                way.way.text, orders, mapped + (way.errno.map { " (\($0))" } ?? ""), predicted ?? "not asked")
        }
        lines += ways.lines() + [""]
        var claims = TextTable("claim", "claimed", "measured", "")
        for claim in report.claims {
            let word = claim.agreed.map { $0 ? "agrees" : "DISAGREES" } ?? ""
            claims.add(claim.key, claim.claimed, claim.measured ?? "not measured", word)
        }
        lines += claims.lines() + [""]
        lines.append("Claimed by \(report.source)")
        if !report.capability.missing.isEmpty {
            lines.append("Missing: \(report.capability.missing.joined(separator: ", "))")
        }
        lines += report.disagreements.map { "Disagreement: \($0)" }
        lines.append("\(report.checked - report.disagreements.count) of \(report.checked) agree")
        return lines.joined(separator: "\n")
    }
}
