import ArgumentParser
import CollapseHarness
import FolioCapability
import FolioPolicy
import LinuxFacts
import SystemPackage

/// `foliofs plugin test`: a plugin's own examples, and with `--probe` its claims against the real filesystem.
struct PluginTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run a plugin's own examples; with --probe hold its claims against a real filesystem.",
        discussion: "Exit code 1 where the plugin is wrong in itself, 3 where the filesystem does otherwise.")

    @Argument(help: ArgumentHelp("The plugin's folder or its capability.toml.", valueName: "path"))
    var path: String

    @Option(help: ArgumentHelp("Probe the filesystem of this directory by the plugin.", valueName: "dir"))
    var probe: String?

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        let plugin = try PluginFolder(FilePath(path))
        var registry = try plugins.registry()
        let manifest = try Manifest.parse(plugin.text, file: plugin.manifest.string)
        let failures = registry.failures(of: manifest)
        for failure in failures { Terminal.print(failure.description) }
        registry.add(manifest)
        let count = manifest.examples.count
        Terminal.print("\(manifest.filesystem): \(count - failures.count) of \(count) examples hold")
        if !failures.isEmpty { throw ExitCode.operationFailed }
        if let native = registry.natives.plugin(of: manifest) { try ask(native, manifest, plugin) }
        guard let probe else { return }
        let report = try ProbeCommand.report(FilePath(probe), registry: registry)
        if let type = report.filesystem.type, registry.manifest(for: type)?.file != manifest.file {
            throw CommandFailure("\(probe) is on \(type), which \(manifest.file) does not speak for", code: .usage)
        }
        Terminal.print("\n" + ProbeCommand.text(report))
        if !report.disagreements.isEmpty { throw ExitCode.disagreement }
    }

    /// Asks the library what each example asks the rows, about the plugin's folder in the place of a file.
    private func ask(_ native: NativePlugin, _ manifest: Manifest, _ plugin: PluginFolder) throws {
        let path = try plugin.folder.string.isEmpty ? FilePath(".").resolved() : plugin.folder.resolved()
        let bytes = Array(path.string.utf8)
        for example in manifest.examples {
            let question = NativeQuestion(
                path: bytes, filesystem: example.given.filesystem, kernel: example.given.kernel)
            do throws(NativeFailure) {
                _ = try native.ask(question)
            } catch {
                throw CommandFailure("the library \(native.location) \(error)")
            }
        }
        guard let name = native.status().name else {
            throw CommandFailure("the library \(native.location) \(native.status().cause ?? "does not answer")")
        }
        Terminal.print("\(name): the library answers all \(manifest.examples.count) questions")
    }
}
