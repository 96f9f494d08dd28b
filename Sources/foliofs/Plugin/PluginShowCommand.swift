import ArgumentParser
import FolioCapability
import FolioPolicy

/// `foliofs plugin show`: the rows that speak for a filesystem.
struct PluginShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what is said of a filesystem, row by row, with the sources.")

    @Argument(help: "The filesystem's type: ext4, fuse.sshfs.")
    var type: String

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        guard let manifest = try plugins.registry().manifest(for: type) else {
            throw CommandFailure("no manifest speaks for \(type); foliofs plugin list shows which there are")
        }
        var lines = ["\(manifest.filesystem): \(manifest.summary ?? "")", "  from \(manifest.file)", ""]
        for row in manifest.rows {
            lines.append("Linux \(row.kernelText): \(row.valueText)")
            if let condition = row.conditionText { lines.append("  \(condition)") }
            lines.append("  \(row.source) (\(row.confidence.rawValue))")
            if let note = row.note { lines.append("  \(note)") }
        }
        Terminal.print(lines.joined(separator: "\n"))
    }
}
