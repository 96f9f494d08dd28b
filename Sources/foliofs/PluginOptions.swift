import ArgumentParser
import FolioCapability
import LinuxFacts
import SystemPackage

/// `--plugins DIR`, and the capability manifests it leads to.
struct PluginOptions: ParsableArguments {
    @Option(
        name: .customLong("plugins"),
        help: ArgumentHelp(
            "Also read capability manifests in this directory; they win over all others. Repeatable.", valueName: "dir")
    )
    var directories: [String] = []

    /// Where manifests are looked for beside the built-in ones, if they are there.
    static let standard: [FilePath] = ["/usr/share/foliofs/plugins", "/etc/foliofs/plugins"]

    /// The built-in manifests, those of the standard directories that exist, those of `--plugins`; later ones win.
    /// - Throws: a manifest that is wrong, or a directory that cannot be read or that others can write.
    ///
    /// - Parameter configured: directories that a configuration file names; those of `--plugins` come after them.
    func registry(after configured: [String] = []) throws(ManifestError) -> CapabilityRegistry {
        try CapabilityRegistry(searchPath: searchPath(after: configured))
    }

    /// The standard directories that exist, those that are configured and those of `--plugins`; later ones win.
    func searchPath(after configured: [String] = []) -> [FilePath] {
        Self.standard.filter { (try? FileStatus.read($0)) != nil } + (configured + directories).map { FilePath($0) }
    }
}
