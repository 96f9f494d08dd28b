import Foundation
import PackagePlugin

/// Turns Plugins/capability.schema.json, Plugins/*/capability.toml and what new plugins are made of (examples/plugins, the
/// C header, FolioPluginKit) into one Swift file of the target that asks for it, at build time.
@main
struct EmbedManifests: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root = context.package.directoryURL
        let plugins = root.appending(path: "Plugins")
        let manifests = try FileManager.default.contentsOfDirectory(atPath: plugins.path).sorted()
            .map { plugins.appending(path: $0).appending(path: "capability.toml") }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
        let schema = plugins.appending(path: "capability.schema.json")
        let folders = [
            "examples/plugins/manifest", "examples/plugins/c", "examples/plugins/swift",
            "Sources/CFolioPlugin/include", "Sources/FolioPluginKit",
        ]
        let kinds = ["toml", "c", "h", "swift", "modulemap", ""]
        let files = try folders.map { root.appending(path: $0) }.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                .map { folder.appending(path: $0) }
                .filter { kinds.contains($0.pathExtension) && !$0.hasDirectoryPath }
                .filter { $0.lastPathComponent != "build" }
        }
        let output = context.pluginWorkDirectoryURL.appending(path: "BuiltInManifests.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(manifests.count) capability manifests",
                executable: try context.tool(named: "embed-manifests").url,
                arguments: [output.path, schema.path] + manifests.map(\.path) + ["--"] + files.map(\.path),
                inputFiles: [schema] + manifests + files, outputFiles: [output])
        ]
    }
}
