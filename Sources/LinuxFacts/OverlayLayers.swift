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
