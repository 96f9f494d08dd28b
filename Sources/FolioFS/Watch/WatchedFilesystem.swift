import LinuxFacts
import SystemPackage

/// How a filesystem of the source is watched, and why not better.
struct WatchedFilesystem: Sendable {
    let method: WatchMethod
    /// For a person, without a full stop.
    let reason: String

    init(_ method: WatchMethod, _ reason: String) {
        self.method = method
        self.reason = reason
    }

    /// Filesystems that other machines or a server change without the kernel being told, by f_type of statfs(2).
    private static let shared: [UInt64: String] = [
        0x6969: "nfs", 0xff53_4d42: "cifs", 0xfe53_4d42: "smb2", 0x517b: "smb", 0x0102_1997: "9p",
        0x00c3_6400: "ceph", 0x6573_5546: "fuse", 0x5346_414f: "afs", 0x6b41_4653: "kafs", 0x7375_7245: "coda",
        0x0116_1970: "gfs2", 0x7461_636f: "ocfs2", 0x0bd0_0bd0: "lustre", 0x2003_0528: "orangefs",
    ]

    /// The way to watch `filesystem`, begun.
    static func begin(
        _ filesystem: SourceFilesystem, wanted: WatchMethod, fanotify: Result<FanotifyGroup, Errno>,
        inotify: Result<InotifyDirectories, Errno>
    ) -> WatchedFilesystem {
        if wanted == .timeouts { return WatchedFilesystem(.timeouts, "asked for") }
        if let name = shared[filesystem.magic] {
            return WatchedFilesystem(.timeouts, "\(name) may be changed where this kernel does not see it")
        }
        var why = "asked for"
        if wanted == .fanotify {
            do throws(Errno) {
                let group = try fanotify.get()
                guard filesystem.opensHandles else { throw .notSupported }
                try group.watch(filesystem.descriptor)
                return WatchedFilesystem(.fanotify, "the whole filesystem is watched")
            } catch {
                why = "fanotify: " + reason(error)
            }
        }
        do throws(Errno) {
            _ = try inotify.get()
            return WatchedFilesystem(.inotify, why)
        } catch {
            return WatchedFilesystem(.timeouts, why + "; inotify: \(error.name)")
        }
    }

    /// What an errno of fanotify(7) means here.
    static func reason(_ error: Errno) -> String {
        switch error {
        case .notPermitted: "EPERM, watching a filesystem takes CAP_SYS_ADMIN"
        case .improperLink: "EXDEV, a btrfs subvolume cannot be watched as a whole"
        case .notSupported: "EOPNOTSUPP, files have no handles that open"
        case .operationNotSupportedByDevice: "ENODEV, the filesystem has no id"
        case .invalidArgument: "EINVAL, Linux 5.17 is needed"
        case .noFunction: "ENOSYS, the kernel is built without CONFIG_FANOTIFY"
        default: error.name
        }
    }
}
