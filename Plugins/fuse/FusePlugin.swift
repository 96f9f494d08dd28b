public import CFolioPlugin
public import FolioPluginKit
import Glibc
import LinuxFacts
import SystemPackage

/// Asks what is behind a file of a FUSE mount: the backing file of passthrough, DAX, or FUSE's own page cache.
///
/// A page of the file is mapped and touched. Where FUSE's page cache has nothing of the file afterwards, the page came from
/// somewhere else: from a backing file (passthrough, 6.9), or from the device (DAX).
/// Source: Linux 6.18 fs/fuse/passthrough.c fuse_passthrough_mmap(), fs/fuse/dax.c fuse_dax_mmap(), read; the cachestat(2)
/// of a passthrough file, measured on 6.18.
public struct FusePlugin: CapabilityPlugin {
    /// Its name.
    public let name = "fuse"
    /// Its version.
    public let version = "1.0"

    /// A plugin.
    public init() {}

    /// The backing file where it is known which it is; nothing but single pages for DAX and for FUSE's own cache, as far as
    /// the manifest's rows go.
    public func answer(_ question: CapabilityQuestion) -> CapabilityAnswer {
        let path = FilePath(question.path)
        guard let status = try? FileStatus.read(path), status.isRegular else { return .abstain }
        if status.has(.dax) == true || question.mountOptions?["dax"] == "always" {
            return CapabilityAnswer(
                .range(0...0), largeFolioWrites: false,
                source: "6.18 fs/fuse/dax.c fuse_dax_mmap(): DAX has no page cache, only storage that is mapped")
        }
        guard status.size > 0, let elsewhere = Self.pagesAreElsewhere(path) else { return .abstain }
        guard elsewhere else { return Self.ownCache(question.kernel) }
        let source = "6.18 fs/fuse/passthrough.c fuse_passthrough_mmap(): the backing file is what is mapped"
        guard let table = try? MountTable.read(), let mount = table.mount(containing: path),
            mount.type == "fuse.foliofs", mount.source.hasPrefix("/")
        else { return CapabilityAnswer(.unknown(missing: "filesystem.layers"), source: source) }
        var inside = path
        guard inside.removePrefix(mount.mountpoint) else {
            return CapabilityAnswer(.unknown(missing: "filesystem.layers"), source: source)
        }
        let backing = FilePath(mount.source).appending(inside.components)
        return CapabilityAnswer(.layer(backing.string), source: source)
    }

    /// FUSE's own page cache, which holds single pages up to 7.3; what comes with 7.4 has not been seen.
    private static func ownCache(_ kernel: CapabilityQuestion.Kernel?) -> CapabilityAnswer {
        let source = "7.3 fs/fuse: no mapping_set_large_folios(); the page touched came into FUSE's own page cache"
        guard let kernel, kernel < CapabilityQuestion.Kernel(7, 4) else {
            return CapabilityAnswer(.unknown(missing: "filesystem.capability"), source: source)
        }
        return CapabilityAnswer(.range(0...0), largeFolioWrites: false, source: source)
    }

    /// Whether a page of the file, when it is mapped, is in another page cache than the file's own; nil: it cannot be told.
    private static func pagesAreElsewhere(_ path: FilePath) -> Bool? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) else {
            return nil
        }
        defer { try? file.close() }
        let size = Int(getpagesize())
        guard let start = mmap(nil, size, PROT_READ, MAP_SHARED, file.rawValue, 0), start != MAP_FAILED else {
            return nil
        }
        defer { munmap(start, size) }
        // 22: MADV_POPULATE_READ, which reports as an error what a touch would make a SIGBUS.
        guard madvise(start, size, 22) == 0, let own = try? CacheResidency.read(file, length: size), own.dirty != nil
        else { return nil }
        return own.cached == 0
    }

    /// What `plugin-host` calls for `builtin:fuse`.
    public static let entry: @convention(c) (UInt32) -> UnsafePointer<folio_plugin>? = { host in
        PluginTable.make(FusePlugin(), hostABI: host)
    }
}
