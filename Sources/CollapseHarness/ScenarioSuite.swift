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
    private let progress: (String) -> Void

    /// A suite.
    /// - Parameters:
    ///   - kernel: the kernel's facts; nil: as the reader has them.
    ///   - progress: told in a line what is being done.
    package init(
        workspace: Workspace, reader: FactReader, kernel: KernelFacts? = nil, registry: CapabilityRegistry,
        progress: @escaping (String) -> Void
    ) {
        self.kernel = kernel ?? reader.kernel()
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
        let kernel = probed()
        let runner = ScenarioRunner(reader: reader, kernel: kernel, registry: registry, trace: trace)
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
                    foundation: recipe.foundation.flatMap { kept[$0] }, reader: reader, kernel: kernel,
                    registry: registry)
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
                recipe, in: workspace, sizes: [], foundation: nil, reader: reader, kernel: kernel, registry: registry)
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
            for _ in 0..<3 where outcome.disturbed && outcome.disagreement != nil {
                outcome = try runner.run(scenario, on: stage, number: number)
            }
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
