public import CFolioPlugin
public import FolioPluginKit
import LinuxFacts
import SystemPackage

/// Finds the layer that holds a file of an overlay: the uppermost that has the name.
///
/// Source: Linux 6.18 fs/overlayfs/file.c ovl_mmap(), fs/backing-file.c backing_file_mmap(), read.
public struct OverlayPlugin: CapabilityPlugin {
    /// Its name.
    public let name = "overlay"
    /// Its version.
    public let version = "1.0"

    private static let source = "6.18 fs/overlayfs/file.c ovl_mmap(): the layer's file is what is mapped"

    /// A plugin.
    public init() {}

    /// The file in the uppermost layer that has it; unknown where its data may be in another, or the layers' names are
    /// relative to who knows what.
    public func answer(_ question: CapabilityQuestion) -> CapabilityAnswer {
        let unknown = CapabilityAnswer(.unknown(missing: "filesystem.layers"), source: Self.source)
        let path = FilePath(question.path)
        guard let table = try? MountTable.read(), let mount = table.mount(containing: path), mount.type == "overlay"
        else { return unknown }
        guard let layer = OverlayLayers.holding(path, on: mount) else { return unknown }
        return CapabilityAnswer(.layer(layer.string), source: Self.source)
    }

    /// What `plugin-host` calls for `builtin:overlay`.
    public static let entry: @convention(c) (UInt32) -> UnsafePointer<folio_plugin>? = { host in
        PluginTable.make(OverlayPlugin(), hostABI: host)
    }
}
