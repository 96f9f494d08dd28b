import ArgumentParser
import FolioCapability
import SystemPackage

/// `foliofs plugin validate`: everything that is wrong with a manifest, with its place and what to write instead.
struct PluginValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Hold manifests against the schema and the lint rules.",
        discussion: "Exit code 1 where one is wrong. Without a path those that are built in are looked at.")

    @Argument(help: ArgumentHelp("A plugin's folder or its capability.toml.", valueName: "path"))
    var paths: [String] = []

    @Flag(help: "Print the JSON Schema of manifests.")
    var schema = false

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        if schema {
            Terminal.print(CapabilityRegistry.schemaText)
            return
        }
        let registry = try plugins.registry()
        var files: [FileReport] = []
        if paths.isEmpty {
            for (file, text) in CapabilityRegistry.builtInTexts {
                files.append(FileReport(file, Manifest.problems(text, file: file, registry: registry)))
            }
        }
        for path in paths {
            let plugin = try PluginFolder(FilePath(path))
            let problems = Manifest.problems(plugin.text, file: plugin.manifest.string, registry: registry)
            files.append(FileReport(plugin.manifest.string, problems))
        }
        Terminal.print(json ? try JSONText.pretty(["files": files]) : Self.text(files))
        if files.contains(where: { !$0.valid }) { throw ExitCode.operationFailed }
    }

    private static func text(_ files: [FileReport]) -> String {
        var lines = files.flatMap { $0.errors.map(\.description) }
        let wrong = files.count { !$0.valid }
        switch (files.count, wrong) {
        case (1, 0): lines.append("\(files[0].file): valid")
        case (_, 0): lines.append("\(files.count) manifests are valid")
        case (1, _): lines.append("\(lines.count) \(lines.count == 1 ? "mistake" : "mistakes")")
        default: lines.append("\(wrong) of \(files.count) manifests are wrong")
        }
        return lines.joined(separator: "\n")
    }

    /// What is wrong with one file.
    private struct FileReport: Encodable {
        let file: String
        let valid: Bool
        let problems: [Problem]
        let errors: [ManifestError]

        init(_ file: String, _ errors: [ManifestError]) {
            self.file = file
            self.errors = errors
            valid = errors.isEmpty
            problems = errors.map(Problem.init)
        }

        private enum CodingKeys: String, CodingKey { case file, valid, problems }
    }

    private struct Problem: Encodable {
        let line: Int
        let column: Int
        let message: String
        let suggestion: String?
        let rule: String?

        init(_ error: ManifestError) {
            line = error.line
            column = error.column
            message = error.message
            suggestion = error.suggestion
            rule = error.rule
        }
    }
}
