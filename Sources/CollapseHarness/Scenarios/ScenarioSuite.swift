package import FolioCapability
package import FolioPolicy
package import LinuxFacts
import SystemPackage

/// Plays every scenario on filesystems that it makes itself, and counts how often the kernel did as predicted.
package struct ScenarioSuite {
    private let workspace: Workspace
    private let reader: FactReader
    private let kernel: KernelFacts
    private let registry: CapabilityRegistry
    private let mayChangeSettings: Bool
    private let played: (_ number: Int, _ total: Int) -> Void
    private let progress: (String) -> Void

    /// A suite.
    /// - Parameters:
    ///   - kernel: the kernel's facts; nil: as the reader has them.
    ///   - mayChangeSettings: whether settings of the machine may be changed for the length of a scenario.
    ///   - played: told how many have been played, of how many.
    ///   - progress: told in a line what is being done.
    package init(
        workspace: Workspace, reader: FactReader, kernel: KernelFacts? = nil, registry: CapabilityRegistry,
        mayChangeSettings: Bool, played: @escaping (_ number: Int, _ total: Int) -> Void,
        progress: @escaping (String) -> Void
    ) {
        self.played = played
        self.kernel = kernel ?? reader.kernel()
        self.workspace = workspace
        self.reader = reader
        self.registry = registry
        self.mayChangeSettings = mayChangeSettings
        self.progress = progress
    }

    /// The filesystems that can be asked for by name, and the stages of each.
    package static var names: Set<String> {
        Set(StageRecipe.all.map(\.filesystem)).union(StageRecipe.all.map(\.name))
    }

    /// How often a scenario that disagrees is played at most: a race of the environment agrees at some time, a prediction
    /// that is wrong never does.
    private static let tries = 5

    /// Plays scenarios.
    package func run(_ scenarios: [Scenario]) -> VerifyReport {
        let total = scenarios.count
        var report = VerifyReport(kernel: reader.release.release)
        let runner = runner()
        var number = 0
        withStages(of: scenarios, runner.kernel) { recipe, scenarios, stage in
            let before = (report.cases, report.agreed, report.skipped.count)
            do {
                let stage = try stage.get()
                for scenario in scenarios where !StopSignal.isAsked {
                    number += 1
                    play(scenario, on: stage, number, runner, &report)
                    played(report.cases + report.skipped.count, total)
                }
            } catch {
                let reason = Self.reason(error)
                report.skipped += scenarios.map { VerifyReport.Skip(scenario: $0.line, reason: reason) }
            }
            progress(
                "\(recipe.name): \(report.agreed - before.1) of \(report.cases - before.0) agreed, "
                    + "\(report.skipped.count - before.2) skipped")
        }
        report.interrupted = StopSignal.isAsked
        return report
    }

    /// Plays one scenario once, and tells all of it.
    /// - Throws: what a person can make something of: why it cannot be played here.
    package func play(_ scenario: Scenario) throws(LinuxError) -> CollapseReport {
        let runner = runner()
        var played: Result<ScenarioOutcome, any Error>?
        withStages(of: [scenario], runner.kernel) { _, _, stage in
            played = Result { try runner.run(scenario, on: try stage.get(), number: 1) }
        }
        switch played {
        case .success(let outcome)?:
            return CollapseReport(
                path: scenario.line,
                chunks: outcome.chunks.map { .init(offset: $0.offset, decision: $0.decision, seen: $0.seen) })
        case .failure(let error)?:
            throw LinuxError("play", FilePath(scenario.line), .notSupported, advice: Self.reason(error))
        case nil: throw LinuxError("play", FilePath(scenario.line), .interrupted)
        }
    }

    private func runner() -> ScenarioRunner {
        let trace: KhugepagedTrace?
        do throws(LinuxError) {
            trace = try KhugepagedTrace()
        } catch {
            trace = nil
            progress("SCAN codes are not compared: \(error)")
        }
        return ScenarioRunner(
            reader: reader, kernel: probed(), registry: registry, trace: trace, workspace: workspace.root,
            mayChangeSettings: mayChangeSettings)
    }

    /// Makes the stages of scenarios, each after what it stands on, and hands each over with its scenarios.
    private func withStages(
        of scenarios: [Scenario], _ kernel: KernelFacts,
        _ play: (StageRecipe, [Scenario], Result<Stage, any Error>) -> Void
    ) {
        let byStage = Dictionary(grouping: scenarios, by: \.stage)
        let foundations = Set(byStage.keys.compactMap { StageRecipe.named($0)?.foundation })
        var kept: [String: Stage] = [:]
        for recipe in StageRecipe.all {
            let scenarios = byStage[recipe.name] ?? []
            guard !scenarios.isEmpty || foundations.contains(recipe.name), !StopSignal.isAsked else { continue }
            let stage = Result {
                try Stage(
                    recipe, in: workspace, shapes: Set(scenarios.map(\.file)),
                    foundation: recipe.foundation.flatMap { kept[$0] }, reader: reader, kernel: kernel,
                    registry: registry)
            }
            if foundations.contains(recipe.name), case .success(let stage) = stage { kept[recipe.name] = stage }
            if !scenarios.isEmpty { play(recipe, scenarios, stage) }
        }
    }

    /// The kernel's facts; where the configuration does not tell of the read-only fallback, with what a collapse of a
    /// file on ext4 says.
    private func probed() -> KernelFacts {
        let option = "READ_ONLY_THP_FOR_FS"
        var kernel = kernel
        guard kernel.config[option] == nil, let version = kernel.version else { return kernel }
        let recipe = StageRecipe(
            name: "probe", filesystem: "ext4",
            kind: .image(mkfs: ["mkfs.ext4", "-q", "-F"], mebibytes: 64, options: ""), caches: [])
        do {
            let stage = try Stage(
                recipe, in: workspace, shapes: [], foundation: nil, reader: reader, kernel: kernel, registry: registry)
            let path = stage.directory.appending("file")
            try Stage.write(path, size: 2 * kernel.geometry.pmdSize)
            kernel.config[option] = FallbackProbe(version: version, pmdSize: kernel.geometry.pmdSize).ask(
                path, filesystem: try reader.filesystem(of: path))
        } catch {
            progress("\(option) cannot be probed: \(Self.reason(error))")
        }
        if let built = kernel.config[option] { progress("\(option) is \(built ? "y" : "n"), by a collapse on ext4") }
        return kernel
    }

    private func play(
        _ scenario: Scenario, on stage: Stage, _ number: Int, _ runner: ScenarioRunner, _ report: inout VerifyReport
    ) {
        do {
            var outcome = try runner.run(scenario, on: stage, number: number)
            var disagreed = 0
            for _ in 0..<(2 * Self.tries) where outcome.disagreement != nil && !StopSignal.isAsked {
                // What khugepaged did in the middle says nothing, and is not counted.
                if !outcome.disturbed { disagreed += 1 }
                guard disagreed < Self.tries else { break }
                outcome = try runner.run(scenario, on: stage, number: number)
            }
            let missing = outcome.missing
            if !missing.isEmpty {
                let reason = "no prediction: not known: " + missing.joined(separator: ", ")
                report.skipped.append(.init(scenario: scenario.line, reason: reason))
                return
            }
            guard let (chunk, differences) = outcome.disagreement else {
                report.count(scenario, agreed: true)
                if disagreed > 0 {
                    report.repeated.append(.init(scenario: scenario.line, disagreed: disagreed))
                }
                return
            }
            report.count(scenario, agreed: false)
            report.disagreements.append(
                .init(
                    scenario: scenario.line, offset: chunk.offset, predicted: chunk.decision, observed: chunk.seen,
                    differences: differences))
            progress("\(scenario.line): \(differences.joined(separator: "; "))")
        } catch {
            report.skipped.append(.init(scenario: scenario.line, reason: Self.reason(error)))
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as Unavailable: error.reason
        case let error as LinuxError: error.description
        case let error as Errno: "a call failed: \(error.name)"
        default: "\(error)"
        }
    }
}
