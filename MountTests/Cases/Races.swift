import Glibc

/// Collapse, fault, write, truncate, punch, reclaim, migration and remount of one file at once, its bytes checked all along.
let raceCases: [TestCase] =
    RaceStage.all.map { stage in
        TestCase("Races/\(stage.name)", limit: seconds + 90) { bench in
            let source = try stage.make(bench)
            guard let route = stage.route else { return try race(bench, source, source, stage) }
            try served(bench, source: source, ["--route", route]) { try race(bench, source, $0.path, stage) }
        }
    }

/// How long each goes on: MINUTES, or what is little enough for every run of the tests.
private let seconds = ChildProcess.environment["MINUTES"].flatMap(Double.init).map { $0 * 60 } ?? 3

/// A filesystem that is mounted, and the route by which FolioFS serves it; nil: it does not.
private struct RaceStage {
    let name: String
    var format = "mkfs.ext4 -q -F"
    var megabytes = 128
    var route: String?

    static let all: [RaceStage] = [
        RaceStage(name: "ext4"), RaceStage(name: "xfs", format: "mkfs.xfs -q -f", megabytes: 320),
        RaceStage(name: "btrfs", format: "mkfs.btrfs -q -f", megabytes: 192), RaceStage(name: "tmpfs", format: ""),
        RaceStage(name: "foliofs-native", route: "native"), RaceStage(name: "foliofs-staged", route: "staged"),
        RaceStage(name: "foliofs-fallback", route: "fallback"), RaceStage(name: "foliofs-plain", route: "plain"),
    ]

    func make(_ bench: Workbench) throws -> String {
        guard format.isEmpty else { return try bench.loop(format, megabytes: megabytes, name: "source") }
        let path = try bench.make("source")
        try require("mount -t tmpfs -o huge=always,size=64m races \"$P\"", environment: ["P": path])
        return path
    }
}

private func race(_ bench: Workbench, _ source: String, _ view: String, _ stage: RaceStage) throws {
    let seed = ChildProcess.environment["SEED"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(getpid())"
    let outcome = try run([bench.stress("races"), source, view, "\(Int(seconds))", seed], timeout: seconds + 60)
    try expectEqual(outcome.status, 0, "SEED=\(seed): \(outcome.text)")
    let numbers = (outcome.lines.first ?? "").split { !$0.isNumber }.compactMap { Int($0) }
    try expect(numbers.count == 11 && numbers[7] > 0 && numbers[8] > 0, "no migration or no remount: \(outcome.text)")
    // Linux 6.18's ext4, with nothing of ours upon it, was seen once in hundreds of runs to read a page of a file that others cut and
    // wrote as another page of it: there it is told, everywhere else it fails.
    if stage.name != "ext4" { try expectEqual(numbers[10], 0, "SEED=\(seed): strange pages: \(outcome.text)") }
    // Where a collapse can be had whatever the kernel, some were.
    if stage.name == "tmpfs" { try expect(numbers[1] > 0, "none done: \(outcome.text)") }
    note(outcome.text.trimmed)
}
