import FolioCapability
import LinuxFacts
import SystemPackage

/// A plugin as a command names it: its folder, or the manifest in it.
struct PluginFolder {
    /// The folder.
    let folder: FilePath
    /// The manifest's path.
    let manifest: FilePath
    /// The manifest's text.
    let text: String

    /// - Throws: where there is no manifest to read.
    init(_ path: FilePath) throws(LinuxError) {
        let isManifest = path.lastComponent?.string.hasSuffix(".toml") == true
        folder = isManifest ? path.removingLastComponent() : path
        manifest = isManifest ? path : path.appending("capability.toml")
        do throws(Errno) {
            let bytes = try TextFile.bytes(manifest)
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .illegalByteSequence }
            self.text = text
        } catch {
            throw LinuxError(
                "read the manifest", manifest, error, advice: "name a plugin's folder or its capability.toml")
        }
    }
}
