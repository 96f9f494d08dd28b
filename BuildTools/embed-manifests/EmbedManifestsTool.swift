import Foundation

/// `embed-manifests OUTPUT SCHEMA MANIFEST… -- FILE…`: writes a Swift file that holds the text of the schema, of every
/// manifest, and of the files that new plugins are made of.
///
/// A manifest is named by its last three path components at most (`Plugins/ext4/capability.toml`), a file by its last two,
/// so that no path of the machine that built it is in the program. A text with the `"""##` that ends its literal would not
/// compile.
@main
struct EmbedManifestsTool {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let output = arguments.first, let schema = arguments.dropFirst().first,
            let end = arguments.firstIndex(of: "--")
        else { throw Usage() }
        var lines = ["/// The schema and the manifests of Plugins, and plugins to begin with, embedded at build time."]
        lines += ["enum BuiltInManifests {"]
        lines += ["    static let schema = ##\"\"\"", try String(contentsOfFile: schema, encoding: .utf8), "\"\"\"##"]
        try add("texts", Array(arguments[(arguments.startIndex + 2)..<end]), components: 3, to: &lines)
        try add("files", Array(arguments[(end + 1)...]), components: 2, to: &lines)
        lines += ["}", ""]
        let text = lines.joined(separator: "\n")
        // What has not changed is not written anew, so that nothing is compiled anew for it.
        guard (try? String(contentsOfFile: output, encoding: .utf8)) != text else { return }
        try text.write(toFile: output, atomically: true, encoding: .utf8)
    }

    private static func add(
        _ name: String, _ paths: [String], components: Int, to lines: inout [String]
    ) throws {
        lines.append("    static let \(name): [(file: String, text: String)] = [")
        for path in paths {
            let file = path.split(separator: "/").suffix(components).joined(separator: "/")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            lines += ["(\"\(file)\", ##\"\"\"", text, "\"\"\"##),"]
        }
        lines.append("    ]")
    }

    /// It was called without the file to write.
    struct Usage: Error, CustomStringConvertible {
        let description = "usage: embed-manifests OUTPUT SCHEMA MANIFEST… -- FILE…"
    }
}
