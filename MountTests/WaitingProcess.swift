import Glibc

/// A program that is running with its standard input held open, from its first line on; it goes with this.
final class WaitingProcess {
    let child: ChildProcess
    private let input: Int32
    private let output: String
    /// The first line that it said.
    let firstLine: String

    /// Starts it through a shell that gives it a FIFO as standard input.
    ///
    /// - Parameter isReady: asked again and again until it is so; nil: it is when the program has said a line.
    init(
        _ words: [String], _ bench: Workbench, environment: [String: String] = [:], seconds: Double = 30,
        isReady: ((pid_t) throws -> Bool)? = nil
    ) throws {
        let name = bench.directory + "/wait-\(UInt32.random(in: 0...UInt32.max))"
        guard mkfifo(name + ".in", 0o600) == 0 else { throw Failure("cannot make a FIFO") }
        let output = open(name + ".out", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(output) }
        self.output = name + ".out"
        child = try ChildProcess(
            ["/bin/bash", "-c", "exec \"$@\" < \"$IN\"", "-"] + words,
            environment: environment.merging(["IN": name + ".in"]) { $1 }, output: output)
        // Open for both, so that neither end waits for the other.
        input = open(name + ".in", O_RDWR | O_CLOEXEC)
        let end = Clock.now() + seconds
        while true {
            let text = readText(name + ".out") ?? ""
            if let isReady {
                if try isReady(child.id) {
                    firstLine = ""
                    break
                }
            } else if let line = text.split(separator: "\n", omittingEmptySubsequences: false).first,
                text.contains("\n")
            {
                firstLine = String(line)
                break
            }
            if child.hasEnded() { throw Failure("\(words) ended with \(child.ended ?? -1): \(text)") }
            if Clock.now() > end { throw Failure("\(words) is not ready after \(seconds) s: \(text)") }
            poll(nil, 0, 5)
        }
    }

    /// The lines that it has said so far.
    var said: [String] { (readText(output) ?? "").split(separator: "\n").map(String.init) }

    /// Ends its input and waits for its end.
    func finish(seconds: Double = 10) -> Int32? {
        _ = write(input, "\n", 1)
        return child.wait(seconds: seconds)
    }

    deinit { close(input) }
}
