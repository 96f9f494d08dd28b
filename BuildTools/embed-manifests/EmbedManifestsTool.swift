import Foundation

/// `embed-manifests OUTPUT SCHEMA MANIFEST…`: writes a Swift file that holds the text of the schema and of every manifest.
///
/// A manifest is named by its last three path components at most (`Plugins/ext4/capability.toml`), so that no path of
/// the machine that built it is in the program. A text with the `"""##` that ends its literal would not compile.
@main
struct EmbedManifestsTool {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let output = arguments.first, let schema = arguments.dropFirst().first else { throw Usage() }
        var lines = ["/// The schema and the manifests of Plugins, embedded at build time.", "enum BuiltInManifests {"]
        lines += ["    static let schema = ##\"\"\"", try String(contentsOfFile: schema, encoding: .utf8), "\"\"\"##"]
        lines.append("    static let texts: [(file: String, text: String)] = [")
        for path in arguments.dropFirst(2) {
            let name = path.split(separator: "/").suffix(3).joined(separator: "/")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            lines += ["(\"\(name)\", ##\"\"\"", text, "\"\"\"##),"]
        }
        lines += ["    ]", "}", ""]
        try lines.joined(separator: "\n").write(toFile: output, atomically: true, encoding: .utf8)
    }

    /// It was called without the file to write.
    struct Usage: Error, CustomStringConvertible {
        let description = "usage: embed-manifests OUTPUT SCHEMA MANIFEST…"
    }
}
