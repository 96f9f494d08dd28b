import ArgumentParser
import FolioCapability
import FolioConfiguration
import SystemPackage

/// `foliofs config check`: everything that is wrong with a configuration file, with its place and what to write instead.
struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say everything that is wrong with a configuration file.",
        discussion: "Exit code 1 where something is.")

    @Argument(help: "The file; default: /etc/foliofs/foliofs.conf.")
    var file: String?

    @Flag(help: "Print the JSON Schema of configuration files.")
    var schema = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        if schema {
            Terminal.print(ConfigurationSchema.text)
            return
        }
        let path = file.map { FilePath($0) } ?? ConfigurationFile.standard
        var rules: Int?
        var problems: [ManifestError] = []
        do throws(ConfigurationError) {
            rules = try ConfigurationFile.load(path).rules.count
        } catch {
            problems = error.problems
        }
        if json {
            Terminal.print(try JSONText.pretty(Report(path.string, problems)))
        } else if let rules {
            Terminal.print("\(path): valid, \(rules) \(rules == 1 ? "rule" : "rules")")
        } else {
            for problem in problems { Terminal.print(problem.description) }
            Terminal.print("\(problems.count) \(problems.count == 1 ? "mistake" : "mistakes")")
        }
        if !problems.isEmpty { throw ExitCode.operationFailed }
    }

    private struct Report: Encodable {
        let file: String
        let valid: Bool
        let problems: [Problem]

        init(_ file: String, _ problems: [ManifestError]) {
            self.file = file
            valid = problems.isEmpty
            self.problems = problems.map(Problem.init)
        }
    }

    private struct Problem: Encodable {
        let line: Int
        let column: Int
        let message: String
        let suggestion: String?

        init(_ error: ManifestError) {
            line = error.line
            column = error.column
            message = error.message
            suggestion = error.suggestion
        }
    }
}
