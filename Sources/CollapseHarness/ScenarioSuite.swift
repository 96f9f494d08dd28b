package import FolioCapability
import FolioPolicy
package import LinuxFacts
import SystemPackage

/// Plays every scenario on filesystems that it makes itself, and counts how often the kernel did as predicted.
package struct ScenarioSuite {
    private let workspace: Workspace
    private let reader: FactReader
    private let registry: CapabilityRegistry
    private let progress: (String) -> Void

    /// A suite.
    /// - Parameter progress: told in a line what is being done.
    package init(
        workspace: Workspace, reader: FactReader, registry: CapabilityRegistry, progress: @escaping (String) -> Void
    ) {
        self.workspace = workspace
        self.reader = reader
        self.registry = registry
        self.progress = progress
    }

    /// The filesystems that can be asked for by name, and the stages of each.
    package static var names: Set<String> {
        Set(StageRecipe.all.map(\.filesystem)).union(StageRecipe.all.map(\.name))
    }

    /// Plays the scenarios of these filesystems or stages; empty: all of them.
    /// - Parameter matching: a part of the names of those to be played; nil: all.
    package func run(filesystems: Set<String>, matching: String? = nil) -> VerifyReport {
        var report = VerifyReport(kernel: reader.release.release)
        let trace: KhugepagedTrace?
        do throws(LinuxError) {
            trace = try KhugepagedTrace()
        } catch {
            trace = nil
            progress("SCAN codes are not compared: \(error)")
        }
        let runner = ScenarioRunner(reader: reader, registry: registry, trace: trace)
        let chosen = StageRecipe.all.filter {
            filesystems.isEmpty || filesystems.contains($0.filesystem) || filesystems.contains($0.name)
        }
        let foundations = Set(chosen.compactMap(\.foundation))
        var kept: [String: Stage] = [:]
        var number = 0
        for recipe in StageRecipe.all {
            let wanted = chosen.contains(recipe)
            guard wanted || foundations.contains(recipe.name), !StopSignal.isAsked else { continue }
            let scenarios = ScenarioTable.scenarios.filter {
                $0.stage == recipe.name && wanted && (matching.map($0.name.contains) ?? true)
            }
            let before = (report.cases, report.agreed, report.skipped.count)
            do {
                let stage = try Stage(
                    recipe, in: workspace, sizes: Set(scenarios.map(\.fileSize)),
                    foundation: recipe.foundation.flatMap { kept[$0] }, reader: reader)
                if foundations.contains(recipe.name) { kept[recipe.name] = stage }
                for scenario in scenarios where !StopSignal.isAsked {
                    number += 1
                    play(scenario, on: stage, number, runner, &report)
                }
            } catch {
                let reason = Self.reason(error)
                report.skipped += scenarios.map { VerifyReport.Skip(scenario: $0.name, reason: reason) }
            }
            guard !scenarios.isEmpty else { continue }
            progress(
                "\(recipe.name): \(report.agreed - before.1) of \(report.cases - before.0) agreed, "
                    + "\(report.skipped.count - before.2) skipped")
        }
        report.interrupted = StopSignal.isAsked
        return report
    }

    private func play(
        _ scenario: Scenario, on stage: Stage, _ number: Int, _ runner: ScenarioRunner, _ report: inout VerifyReport
    ) {
        do {
            let outcome = try runner.run(scenario, on: stage, number: number)
            let missing = outcome.missing
            if !missing.isEmpty {
                let reason = "no prediction: not known: " + missing.joined(separator: ", ")
                report.skipped.append(.init(scenario: scenario.name, reason: reason))
                return
            }
            report.cases += 1
            guard let (chunk, differences) = outcome.disagreement else {
                report.agreed += 1
                return
            }
            report.disagreements.append(
                .init(
                    scenario: scenario.name, offset: chunk.offset, predicted: chunk.decision, observed: chunk.seen,
                    differences: differences))
            progress("\(scenario.name): \(differences.joined(separator: "; "))")
        } catch {
            report.skipped.append(.init(scenario: scenario.name, reason: Self.reason(error)))
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
