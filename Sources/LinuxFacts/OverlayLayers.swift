package import SystemPackage

/// The directories an overlay mount is made of, from its options.
///
/// Source: Linux 6.18 fs/overlayfs/params.c ovl_show_options(); Documentation/filesystems/overlayfs.rst.
package struct OverlayLayers: Hashable, Sendable {
    /// The directories, the uppermost first.
    package let directories: [FilePath]
    /// Whether a file may have its attributes in one layer and its data in another (`metacopy=on`), or another name
    /// there (`redirect_dir=on` or `follow`).
    package let dataMayBeElsewhere: Bool

    /// The layers by the superblock options of an overlay mount.
    package init(options: [String: String]) {
        var layers: [String] = []
        if let upper = options["upperdir"] { layers.append(upper) }
        layers += Self.split(options["lowerdir"] ?? "")
        layers += Self.split(options["lowerdir+"] ?? "")
        directories = layers.map { FilePath(Self.unescaped($0)) }
        dataMayBeElsewhere =
            options["metacopy"] == "on" || ["on", "follow"].contains(options["redirect_dir"] ?? "off")
            || options["datadir+"] != nil || (options["lowerdir"] ?? "").contains("::")
    }

    /// The file below that holds what is at `path` on an overlay mount: in the uppermost layer that has the name; nil: it
    /// cannot be told.
    package static func holding(_ path: FilePath, on mount: Mount) -> FilePath? {
        var inside = path
        guard inside.removePrefix(mount.mountpoint) else { return nil }
        let relative = FilePath(root: nil, mount.root.components).appending(inside.components)
        let overlay = OverlayLayers(options: mount.superOptions)
        // A relative name is relative to who mounted it, which nobody knows any more.
        guard overlay.directories.allSatisfy(\.isAbsolute) else { return nil }
        let holding = overlay.directories.map { $0.appending(relative.components) }.filter {
            (try? FileStatus.read($0, follow: false)) != nil
        }
        // With data elsewhere the uppermost is the file only where it is the only one.
        if overlay.dataMayBeElsewhere && holding.count > 1 { return nil }
        return holding.first
    }

    /// A list of directories at its colons; `\:` is a colon in a name.
    private static func split(_ list: String) -> [String] {
        var parts = [""]
        var escaped = false
        for character in list {
            if character == ":", !escaped {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
            escaped = character == "\\" && !escaped
        }
        return parts.filter { !$0.isEmpty }
    }

    private static func unescaped(_ name: String) -> String {
        var text = ""
        var escaped = false
        for character in name {
            escaped = character == "\\" && !escaped
            if !escaped { text.append(character) }
        }
        return text
    }
}
