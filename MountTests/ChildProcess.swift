import Glibc
import LinuxFacts

/// How a command ended and what it said.
struct Outcome {
    /// The exit code, or 128 + the signal, as a shell counts it.
    let status: Int32
    /// Standard output and standard error, in the order in which they came.
    let output: [UInt8]
    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// A process that a test started; killed when it is dropped before it ended.
final class ChildProcess {
    let id: pid_t
    private(set) var ended: Int32?

    /// Starts a program found on PATH; standard input is /dev/null, output and error go to `output`.
    init(_ arguments: [String], environment: [String: String] = [:], output: Int32) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)

        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var merged = ChildProcess.environment
        for (name, value) in environment { merged[name] = value }
        var variables: [UnsafeMutablePointer<CChar>?] = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var process: pid_t = 0
        let failure = posix_spawnp(&process, arguments[0], &actions, nil, &words, &variables)
        guard failure == 0 else { throw Failure("cannot run \(arguments[0]): \(String(cString: strerror(failure)))") }
        id = process
    }

    deinit {
        guard !hasEnded() else { return }
        kill(id, SIGKILL)
        _ = wait(seconds: 5)
    }

    /// Whether it has ended; collects its status when it has.
    func hasEnded() -> Bool {
        if ended != nil { return true }
        var status: Int32 = 0
        guard waitpid(id, &status, WNOHANG) == id else { return false }
        ended = ChildProcess.code(status)
        return true
    }

    /// Waits for its end; nil when it is still running after `seconds`.
    func wait(seconds: Double) -> Int32? {
        let end = Clock.now() + seconds
        while !hasEnded() {
            if Clock.now() > end { return nil }
            // A pidfd would tell without polling, but Glibc hides it from Swift.
            poll(nil, 0, 5)
        }
        return ended
    }

    func signal(_ number: Int32) { if !hasEnded() { kill(id, number) } }

    private static func code(_ status: Int32) -> Int32 {
        (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    /// This process's environment, with a plain locale and no backtracer that would hang in a child.
    static let environment: [String: String] = {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if let equals = line.firstIndex(of: "=") {
                result[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            entry += 1
        }
        result["LC_ALL"] = "C"
        result["SWIFT_BACKTRACE"] = "enable=no"
        return result
    }()
}

/// Seconds of CLOCK_MONOTONIC.
enum Clock {
    static func now() -> Double { MonotonicClock.seconds() }
}

/// Runs a command to its end and collects what it says.
func run(
    _ arguments: [String], environment: [String: String] = [:], timeout: Double = 50
) throws -> Outcome {
    var pipes: [Int32] = [0, 0]
    guard pipe(&pipes) == 0 else { throw Failure("cannot make a pipe: \(String(cString: strerror(errno)))") }
    for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(pipes[0]) }
    let child: ChildProcess
    do {
        defer { close(pipes[1]) }
        child = try ChildProcess(arguments, environment: environment, output: pipes[1])
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    let end = Clock.now() + timeout
    while true {
        let left = end - Clock.now()
        guard left > 0 else {
            child.signal(SIGKILL)
            throw Failure("\(arguments.prefix(6).joined(separator: " ")) did not end within \(timeout) s")
        }
        var wanted = pollfd(fd: pipes[0], events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, Int32(min(left, 1) * 1000) + 1) > 0 else { continue }
        let count = read(pipes[0], &buffer, buffer.count)
        if count <= 0 { break }
        output += buffer[..<count]
    }
    guard let status = child.wait(seconds: max(end - Clock.now(), 1)) else {
        throw Failure("\(arguments.prefix(6).joined(separator: " ")) closed its output and did not end")
    }
    return Outcome(status: status, output: output)
}

/// Runs a bash script in a directory; standard error goes where standard output goes.
func bash(
    _ script: String, in directory: String = "/", environment: [String: String] = [:], timeout: Double = 50
) throws -> Outcome {
    var variables = environment
    variables["IN"] = directory
    return try run(
        ["/bin/bash", "-c", "cd \"$IN\" || exit 125\n" + script], environment: variables, timeout: timeout)
}

/// Runs a bash script that must succeed.
@discardableResult
func require(
    _ script: String, in directory: String = "/", environment: [String: String] = [:], timeout: Double = 50
) throws -> String {
    let outcome = try bash("set -e\n" + script, in: directory, environment: environment, timeout: timeout)
    try expect(
        outcome.status == 0,
        "exit \(outcome.status) of: \(script.prefix(300))\n\(outcome.text.suffix(1500))")
    return outcome.text
}
