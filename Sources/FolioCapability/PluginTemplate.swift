/// The files of a new plugin: those of examples/plugins with its name in them, and what they are built with.
package enum PluginTemplate: String, CaseIterable, Sendable {
    /// A manifest alone.
    case manifest
    /// A manifest with a library in C.
    case c
    /// A manifest with a library in Swift.
    case swift

    /// Whether a name can be a plugin's: a filesystem type that is also a file name.
    package static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    /// The files by their paths in the plugin's folder.
    package func files(name: String) -> [(path: String, text: String)] {
        BuiltInManifests.files.compactMap { file, text in
            let parts = file.split(separator: "/").map(String.init)
            guard let folder = parts.first, let last = parts.last else { return nil }
            switch (folder, self) {
            case (rawValue, _): return (last, text.replacing("examplefs", with: name))
            case ("include", .swift), ("FolioPluginKit", .swift): return (file, text)
            case ("include", .c) where last.hasSuffix(".h"): return (file, text)
            default: return nil
            }
        }
    }
}
