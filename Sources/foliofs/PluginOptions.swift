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
    func registry() throws(ManifestError) -> CapabilityRegistry {
        try CapabilityRegistry(searchPath: searchPath)
    }

    /// The standard directories that exist and those of `--plugins`; later ones win.
    var searchPath: [FilePath] {
        Self.standard.filter { (try? FileStatus.read($0)) != nil } + directories.map { FilePath($0) }
    }
}
