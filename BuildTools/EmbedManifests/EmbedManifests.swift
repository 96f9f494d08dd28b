import Foundation
import PackagePlugin

/// Turns Plugins/capability.schema.json and Plugins/*/capability.toml into one Swift file of the target that asks for it, at build time.
@main
struct EmbedManifests: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let plugins = context.package.directoryURL.appending(path: "Plugins")
        let manifests = try FileManager.default.contentsOfDirectory(atPath: plugins.path).sorted()
            .map { plugins.appending(path: $0).appending(path: "capability.toml") }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
        let schema = plugins.appending(path: "capability.schema.json")
        let output = context.pluginWorkDirectoryURL.appending(path: "BuiltInManifests.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(manifests.count) capability manifests",
                executable: try context.tool(named: "embed-manifests").url,
                arguments: [output.path, schema.path] + manifests.map(\.path),
                inputFiles: [schema] + manifests, outputFiles: [output])
        ]
    }
}
