import ArgumentParser
import FolioCapability

/// `foliofs plugin list`: every plugin that is found, and which speaks for what.
struct PluginListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the plugins that are found, and which of them shadows which.")

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let registry = try plugins.registry()
        let entries = registry.manifests.map { Entry($0, registry) }
        Terminal.print(json ? try JSONText.pretty(["plugins": entries]) : Self.text(entries))
    }

    private static func text(_ entries: [Entry]) -> String {
        var table = TextTable("filesystem", "file", "says")
        for entry in entries {
            let names = ([entry.filesystem] + entry.aliases).joined(separator: " ")
            let shadows = entry.shadowed.map { "\($0.type) is answered by \($0.by)" }
            table.add(
                names, entry.file,
                ([entry.summary ?? ""] + [entry.native?.text].compactMap { $0 } + shadows)
                    .joined(separator: " -- "))
        }
        return table.lines().joined(separator: "\n")
    }

    private struct Entry: Encodable {
        let filesystem: String
        let aliases: [String]
        let summary: String?
        let file: String
        let rows: Int
        let examples: Int
        let native: Native?
        let shadowed: [Shadow]

        init(_ manifest: Manifest, _ registry: CapabilityRegistry) {
            filesystem = manifest.filesystem
            aliases = manifest.aliases
            summary = manifest.summary
            file = manifest.file
            rows = manifest.rows.count
            examples = manifest.examples.count
            native = registry.natives.plugin(of: manifest).map { Native($0) }
            shadowed = registry.shadows(of: manifest).map { Shadow(type: $0.type, by: $0.file) }
        }
    }

    /// A native plugin, which has been started to see how it is.
    private struct Native: Encodable {
        let location: String
        let name: String?
        let failures: Int
        let cause: String?

        init(_ plugin: NativePlugin) {
            let status = plugin.status()
            location = plugin.location
            name = status.name
            failures = status.failures
            cause = status.cause
        }

        var text: String {
            let kind = name.map { "native plugin \($0)" } ?? "native plugin \(location)"
            return kind + (cause.map { ": " + $0 } ?? "")
        }
    }

    private struct Shadow: Encodable {
        let type: String
        let by: String
    }
}
