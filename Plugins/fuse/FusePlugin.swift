public import CFolioPlugin
public import FolioPluginKit
import LinuxFacts
import SystemPackage

/// Asks what is behind a file of a FUSE mount: the backing file of passthrough, DAX, or FUSE's own page cache.
///
/// A page of the file is mapped and touched. Where FUSE's page cache has nothing of the file afterwards, the page came from
/// somewhere else: from a backing file (passthrough, 6.9), or from the device (DAX). On a mount of foliofs it is then either
/// the very page that the source file has there (native, plain) or one of a staged copy.
/// Source: Linux 6.18 fs/fuse/passthrough.c fuse_passthrough_mmap(), fs/fuse/dax.c fuse_dax_mmap(), read; the cachestat(2)
/// of a passthrough file, measured on 6.18.
public struct FusePlugin: CapabilityPlugin {
    /// Its name.
    public let name = "fuse"
    /// Its version.
    public let version = "1.0"

    /// A plugin.
    public init() {}

    /// The backing file where it is known which it is, unknown where something is behind and it is not known what; nothing
    /// but single pages for DAX and for FUSE's own cache, as far as the manifest's rows go.
    public func answer(_ question: CapabilityQuestion) -> CapabilityAnswer {
        let path = FilePath(question.path)
        guard let status = try? FileStatus.read(path), status.isRegular else { return .abstain }
        if status.has(.dax) == true || question.mountOptions?["dax"] == "always" {
            return CapabilityAnswer(
                .range(0...0), largeFolioWrites: false,
                source: "6.18 fs/fuse/dax.c fuse_dax_mmap(): DAX has no page cache, only storage that is mapped")
        }
        guard status.size > 0, Self.mayBack(question) else { return .abstain }
        let source = "6.18 fs/fuse/passthrough.c fuse_passthrough_mmap(): the backing file is what is mapped"
        let unknown = CapabilityAnswer(.unknown(missing: "filesystem.layers"), source: source)
        guard let page = try? MappedPages(path), let isOwn = page.areOfItsCache else { return unknown }
        guard !isOwn else { return Self.ownCache(question.kernel) }
        guard let backing = Self.source(of: path, status), let isSource = page.areThose(of: backing) else {
            return unknown
        }
        guard isSource else {
            return CapabilityAnswer(
                .filesystem(type: "tmpfs", mountOptions: ["huge": "within_size", "rw": ""]),
                source: source + "; the page touched is not the source's, so a staged copy's")
        }
        return CapabilityAnswer(.layer(backing.string), source: source + "; the page touched is the source's own")
    }

    /// Whether the server can have files backed: from 6.9 on, by CAP_SYS_ADMIN, which that of an ordinary user lacks.
    ///
    /// Source: Linux 6.18 fs/fuse/backing.c fuse_backing_open(), read.
    private static func mayBack(_ question: CapabilityQuestion) -> Bool {
        if let kernel = question.kernel, kernel < CapabilityQuestion.Kernel(6, 9) { return false }
        return question.mountOptions?["user_id"].map { $0 == "0" } ?? true
    }

    /// The file that a mount of foliofs shows; nil: it is another server's, or no path leads to it.
    private static func source(of path: FilePath, _ shown: FileStatus) -> FilePath? {
        var inside = path
        guard let table = try? MountTable.read(), let mount = table.mount(containing: path),
            mount.type == "fuse.foliofs", mount.source.hasPrefix("/"), inside.removePrefix(mount.mountpoint)
        else { return nil }
        let source = FilePath(mount.source).appending(mount.root.components).appending(inside.components)
        guard let status = try? FileStatus.read(source), status.isRegular, status.size == shown.size,
            status.modificationTime == shown.modificationTime,
            // Mounted over its own source, the path leads back here.
            status.device != shown.device
        else { return nil }
        return source
    }

    /// FUSE's own page cache, which holds single pages up to 7.3; what comes with 7.4 has not been seen.
    private static func ownCache(_ kernel: CapabilityQuestion.Kernel?) -> CapabilityAnswer {
        let source = "7.3 fs/fuse: no mapping_set_large_folios(); the page touched came into FUSE's own page cache"
        guard let kernel, kernel < CapabilityQuestion.Kernel(7, 4) else {
            return CapabilityAnswer(.unknown(missing: "filesystem.capability"), source: source)
        }
        return CapabilityAnswer(.range(0...0), largeFolioWrites: false, source: source)
    }

    /// What `plugin-host` calls for `builtin:fuse`.
    public static let entry: @convention(c) (UInt32) -> UnsafePointer<folio_plugin>? = { host in
        PluginTable.make(FusePlugin(), hostABI: host)
    }
}
