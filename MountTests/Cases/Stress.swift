import Glibc

/// Everything at once, for as long as MINUTES says; a short run where it says nothing.
let stressCases: [TestCase] =
    ["native", "staged", "plain"].map { route in
        TestCase("Fire/writers and readers of the same files at once, \(route)", limit: seconds(12) + 120) { bench in
            let source = try bench.make("source")
            try served(bench, source: source, ["--route", route]) { mount in
                let seed = ChildProcess.environment["SEED"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(getpid())"
                let outcome = try run(
                    [bench.stress("fire"), source, mount.path, "\(Int(seconds(12)))", seed], timeout: seconds(12) + 60)
                try expectEqual(outcome.status, 0, "SEED=\(seed): \(outcome.text)")
                note(outcome.lines.last ?? "")
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                try expect((status["routes"]?[route]?.number ?? 0) > 0, "no file was served by route \(route)")
                guard route == "staged" else { return }
                for counter in ["refreshed", "mirroredWrites"] {
                    try expect((status["counters"]?[counter]?.number ?? 0) > 0, "no \(counter): \(status)")
                }
            }
        }
    } + [
        TestCase("Flood/54 GiB through a limit of 1 GiB with 8 readers", limit: seconds(30) + 180) { bench in
            let source = try bench.make("source")
            let flood = bench.stress("flood")
            note(try require("\"$F\" . . 1 1 make", in: source, environment: ["F": flood], timeout: 120))
            let limit = 1 << 30
            try served(bench, source: source, ["--route", "staged", "--stage-limit", "\(limit)"]) { mount in
                let log = bench.directory + "/flood.log"
                let output = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
                defer { close(output) }
                let readers = try ChildProcess(
                    [flood, source, mount.path, "\(Int(seconds(30)))", "8", "read"], output: output)
                var (most, looks) = (0.0, 0)
                while readers.wait(seconds: 0.2) == nil {
                    let status = try JSON(bench.cli("status", mount.path, "--json").text)
                    let (reserved, used) = (status["stagedBytes"]?.number, status["staging"]?["usedBytes"]?.number)
                    guard let reserved, let used else { throw Failure("status: \(status)") }
                    try expect(max(reserved, used) <= Double(limit), "\(reserved) reserved, \(used) used of \(limit)")
                    most = max(most, used)
                    looks += 1
                }
                try expectEqual(readers.ended, 0, readText(log) ?? "")
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                for counter in ["staged", "evictions", "stagingNoRoom"] {
                    try expect((status["counters"]?[counter]?.number ?? 0) > 0, "no \(counter): \(status)")
                }
                note("\(Int(most) >> 20) MiB used at most of \(looks) looks; \((readText(log) ?? "").onOneLine)")
            }
        }
    ]

/// How long to go on: MINUTES, or what is little enough for every run of the tests.
private func seconds(_ little: Double) -> Double {
    ChildProcess.environment["MINUTES"].flatMap(Double.init).map { $0 * 60 } ?? little
}

extension String {
    fileprivate var onOneLine: String { split(separator: "\n").joined(separator: "; ") }
}
