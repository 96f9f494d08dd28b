import ArgumentParser
import FolioCapability
import LinuxFacts
import SystemPackage
import Testing

@testable import foliofs

@Suite("errors, exit codes and what is printed")
struct CommandRunnerTests {
    private func error(_ arguments: [String]) throws -> any Error {
        let error = #expect(throws: (any Error).self) {
            var command = try FolioCommand.parseAsRoot(arguments)
            try command.run()
        }
        return try #require(error)
    }

    @Test(
        "wrong usage is 2 and one line",
        arguments: [
            [], ["nonsense"], ["doctor", "--wrong"], ["doctor", "extra"], ["explain"], ["explain", "--query", "file"],
            ["explain", "/bin/ls", "--query", "-"], ["explain", "/bin/ls", "--operation", "wish"],
            ["explain", "/bin/ls", "--kernel", "new"], ["explain", "/bin/ls", "--kernel-config", "X"],
        ])
    func usage(arguments: [String]) throws {
        let error = try error(arguments)
        #expect(CommandRunner.exitCode(of: error) == .usage)
        let message = try #require(CommandRunner.message(of: error))
        #expect(!message.contains("\n") && !message.isEmpty)
        let command = arguments.first.map { ["doctor", "explain"].contains($0) ? " " + $0 : "" } ?? ""
        #expect(message.hasSuffix("; see foliofs help" + command))
    }

    @Test(
        "an offset or a length that no mapping can have is 2, and says which",
        arguments: [("--offset", "7"), ("--length", "9223372036854775807")])
    func span(option: String, value: String) throws {
        let error = try error(["explain", "/bin/ls", option, value])
        #expect(CommandRunner.exitCode(of: error) == .usage)
        let message = try #require(CommandRunner.message(of: error))
        #expect(!message.contains("\n") && message.contains(option))
    }

    @Test("help and version are done, and are printed as they are")
    func help() throws {
        for arguments in [["--help"], ["help", "explain"], ["--version"]] {
            let error = try error(arguments)
            #expect(CommandRunner.exitCode(of: error) == .success)
            #expect(CommandRunner.message(of: error)?.isEmpty == false)
        }
    }

    @Test("a failed operation is 1, and says what failed on what")
    func failed() throws {
        let error = try error(["explain", "/nonexistent/file"])
        #expect(CommandRunner.exitCode(of: error) == .operationFailed)
        #expect(CommandRunner.message(of: error) == "cannot stat /nonexistent/file: ENOENT; name one that is there")
        #expect(CommandRunner.exitCode(of: Errno.ioError) == .operationFailed)
        let manifest = ManifestError(file: "a.toml", line: 3, column: 1, message: "is wrong")
        #expect(CommandRunner.message(of: manifest) == "a.toml:3:1: is wrong")
    }

    @Test("an exit code thrown by a command is the program's, and prints nothing")
    func codes() {
        for code in [ExitCode.disagreement, .lacking, .operationFailed, .usage] {
            #expect(CommandRunner.exitCode(of: code) == code)
            #expect(CommandRunner.message(of: code) == nil)
        }
        #expect([ExitCode.operationFailed, .usage, .disagreement, .lacking].map(\.rawValue) == [1, 2, 3, 4])
    }
}
