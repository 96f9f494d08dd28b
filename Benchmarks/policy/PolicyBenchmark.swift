import FolioCapability
import FolioPolicy
import Foundation
import Glibc

/// Measures the decision engine: nanoseconds and bytes for a decision on facts already read, and lines a second of
/// `explain --query -`. Times are of this process's own CPU, so that a busy machine does not count; lines a second are
/// given by CPU and by the clock.
@main
struct PolicyBenchmark {
    static func main() throws {
        let documents = try Questions.documents()
        let registry = try CapabilityRegistry()
        let queries = documents.map { $0.query(registry: registry) }
        print("question                                            result   target")
        line("ns for a decision on facts already read", nanoseconds(queries), "< 2000")
        line("ns for a decision that lacks facts", nanoseconds(queries.map(Questions.poorer)), "")
        let (small, large) = (bytes(queries, chunks: 2), bytes(queries, chunks: 1 << 24))
        line("bytes held by a decision on a file of 2 chunks", small, "")
        line("bytes held by a decision on a file of 2^24 chunks", large, "the same")
        guard CommandLine.arguments.count > 1 else { return }
        let answered = try lines(documents, program: CommandLine.arguments[1])
        line("lines a second of explain --query -, by CPU", answered.byCPU, "> 100000")
        line("lines a second of explain --query -, by the clock", answered.byClock, "")
    }

    private static func line(_ name: String, _ value: Double, _ target: String) {
        let number = String(Int(value.rounded()))
        print(
            name.padding(toLength: 50, withPad: " ", startingAt: 0),
            String(repeating: " ", count: 8 - min(number.count, 8)) + number, target.isEmpty ? "" : "  (\(target))")
    }

    /// The best of several rounds: what is above it is the machine's.
    private static func nanoseconds(_ queries: [PolicyQuery]) -> Double {
        var allowed = 0
        return (0..<7).map { _ in
            let start = seconds(CLOCK_PROCESS_CPUTIME_ID)
            for _ in 0..<400 { for query in queries where decide(query).verdict == .allowed { allowed += 1 } }
            return (seconds(CLOCK_PROCESS_CPUTIME_ID) - start) / Double(400 * queries.count) * 1e9
        }.min() ?? 0
    }

    /// Bytes that a decision keeps: its rules, the names of what is missing, and itself with its plan.
    private static func bytes(_ queries: [PolicyQuery], chunks: Int) -> Double {
        let all = queries.map { query in
            let decision = decide(Questions.resized(query, chunks: chunks))
            return MemoryLayout<Decision>.size + decision.rules.capacity * MemoryLayout<RuleOutcome>.stride
                + decision.missing.capacity * MemoryLayout<String>.stride
        }
        return Double(all.reduce(0, +)) / Double(queries.count)
    }

    /// Lines a second that the program answers, by its CPU and by the clock.
    private static func lines(_ documents: [QueryDocument], program: String) throws -> (byCPU: Double, byClock: Double)
    {
        let encoder = JSONEncoder()
        let each = try documents.map { try encoder.encode($0) + Data("\n".utf8) }
        let rounds = 100_000 / each.count
        var text = Data()
        for _ in 0..<rounds { for line in each { text.append(line) } }
        let input = FileManager.default.temporaryDirectory.appendingPathComponent("foliofs-policy-\(getpid()).jsonl")
        try text.write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        let count = Double(rounds * each.count)
        var best = (byCPU: 0.0, byClock: 0.0)
        for _ in 0..<3 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["explain", "--query", "-"]
            process.standardInput = try FileHandle(forReadingFrom: input)
            process.standardOutput = FileHandle.nullDevice
            let start = (childSeconds(), seconds(CLOCK_MONOTONIC))
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw CocoaError(.executableRuntimeMismatch) }
            let spent = (childSeconds() - start.0, seconds(CLOCK_MONOTONIC) - start.1)
            best = (max(best.byCPU, count / spent.0), max(best.byClock, count / spent.1))
        }
        return best
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// CPU seconds of the children that have ended.
    private static func childSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        let both = [usage.ru_utime, usage.ru_stime]
        return both.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}
