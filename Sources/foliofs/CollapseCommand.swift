import ArgumentParser
import CollapseHarness
import FolioFS
import FolioPolicy
import LinuxFacts
import SystemPackage

/// `foliofs collapse`: predict, call MADV_COLLAPSE, observe.
struct CollapseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collapse",
        abstract: "Collapse files into huge pages, and hold the kernel to what was predicted.",
        discussion: """
            Each file is mapped at a congruent address and touched; every whole PMD chunk of it is predicted, collapsed \
            by MADV_COLLAPSE and observed. Root sees folios, physical frames and SCAN codes as well. Exit code 3 where \
            the kernel did otherwise than predicted. With --pid the chunks that a running process has mapped are \
            collapsed by process_madvise, and files whose page cache can hold huge folios are promoted.
            """)

    @Argument(help: "The files.")
    var paths: [String] = []

    @Option(
        help: ArgumentHelp(
            "Do what can be done from outside for the file mappings of this process, and say what came of it.",
            valueName: "process"))
    var pid: Int32?

    @Option(help: ArgumentHelp("Where in the file to begin.", valueName: "bytes"))
    var offset: ByteSize?

    @Option(help: ArgumentHelp("How much; else to the end of the file.", valueName: "bytes"))
    var length: ByteSize?

    @Flag(help: "Map it executable as well.")
    var exec = false

    @OptionGroup var config: KernelConfigOptions
    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print JSON: one document for one file, one on each line for several.")
    var json = false

    mutating func validate() throws {
        if pid != nil {
            guard paths.isEmpty, offset == nil, length == nil, !exec else {
                throw ValidationError(
                    "--pid takes a process's mappings as they are, without a path, --offset, --length and --exec")
            }
        } else if paths.isEmpty {
            throw ValidationError("name a file, or --pid PROCESS")
        }
    }

    func run() throws {
        if let pid {
            try collapse(pid)
            return
        }
        let reader = try FactReader()
        let run = CollapseRun(
            reader: reader, kernel: facts(reader), registry: try plugins.registry(),
            trace: Privileges.read().traceOfThisThread())
        var disagrees = false
        var failure: (any Error)?
        for path in paths {
            do {
                var shown: (step: String, bar: ProgressBar)?
                defer { shown?.bar.end() }
                let report = try run.run(
                    path: FilePath(path), offset: offset?.bytes ?? 0, length: length?.bytes, exec: exec
                ) { step, done, total in
                    if shown?.step != step { shown = (step, ProgressBar("\(step) \(path)")) }
                    shown?.bar.show(done, of: total)
                }
                shown?.bar.end()
                disagrees = disagrees || report.disagrees
                if json {
                    Terminal.print(paths.count == 1 ? try JSONText.pretty(report) : try JSONText.line(report))
                } else {
                    Terminal.print(Self.text(report))
                }
            } catch {
                if let failure { _ = CommandRunner.report(failure) }
                failure = error
            }
        }
        if let failure { throw failure }
        if disagrees { throw ExitCode.disagreement }
    }

    private func facts(_ reader: FactReader) -> KernelFacts {
        var kernel = reader.kernel()
        config.apply(to: &kernel)
        return kernel
    }

    private func collapse(_ process: Int32) throws {
        let reader = try FactReader()
        let registry = try plugins.registry()
        let promotion = FilePromotion(registry, waits: true, showsProgress: false)
        let report = try ProcessCollapseReport(
            process, reader: reader, registry: registry, kernel: facts(reader),
            trace: Privileges.read().traceOfThisThread()
        ) { path in
            let result = try? promotion.promote(path.string)
            return result.map { .init(eligibleBytes: $0.eligibleBytes, pmdBytes: $0.pmdBytes) }
        }
        Terminal.print(json ? try JSONText.pretty(report) : report.text)
        if report.disagrees { throw ExitCode.disagreement }
    }

    static func text(_ report: CollapseReport) -> String {
        guard report.total > 0 else {
            return "\(report.path): no whole PMD chunk of the file is in that range"
        }
        var table = TextTable("offset", "predicted", "observed", "")
        for chunk in report.chunks {
            let predicted = chunk.decision.verdict.rawValue + (chunk.decision.errno.map { " " + $0 } ?? "")
            var observed = chunk.seen.pmdMapped.map { $0 ? "PMD-mapped" : "not PMD-mapped" } ?? "not seen"
            if let errno = chunk.seen.errno { observed += ", " + errno }
            if chunk.seen.pmdMapped == true, let moved = chunk.seen.moved {
                observed += moved ? ", copied" : ", in place"
            }
            if let reason = chunk.seen.scanReason { observed += ", " + reason }
            let verdict =
                switch chunk.agreement {
                case .agreed: "agreed"
                case .disagreed(let differences): "DISAGREED: " + differences.joined(separator: "; ")
                case .noPrediction(let missing): "not known: " + missing.joined(separator: " ")
                }
            table.add(String(chunk.offset), predicted, observed, verdict)
        }
        var lines = ["\(report.path): \(report.agreed) of \(report.total) chunks as predicted"]
        let denials = report.chunks.filter { $0.decision.verdict == .denied }
        let rules = Set(denials.compactMap { PredictionDocument($0.decision).rule })
        for rule in rules.sorted() { lines.append("  denied by " + rule) }
        return (lines + table.lines(indent: 2)).joined(separator: "\n")
    }
}

extension Privileges {
    /// The huge_memory tracepoints, where the caller may have them; nil: SCAN codes are not seen.
    ///
    /// tracefs that is not mounted is mounted in a private mount namespace. One thread only.
    func traceOfThisThread() -> KhugepagedTrace? {
        guard administrator, initialNamespace else { return nil }
        if let trace = try? KhugepagedTrace() { return trace }
        guard (try? Workspace.enterPrivateNamespace()) != nil else { return nil }
        Workspace.mountTracefs()
        return try? KhugepagedTrace()
    }
}
