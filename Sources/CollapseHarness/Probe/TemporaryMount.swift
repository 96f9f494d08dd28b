import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// A mount of FolioFS on a directory of its own in /tmp; both go with it.
final class TemporaryMount {
    /// Where it is.
    let mountpoint: FilePath
    private var server: Program?

    /// Mounts `source`.
    /// - Throws: `Unavailable`, or what mkdtemp(3) says.
    init(of source: FilePath, route: Route) throws {
        var template = Array("/tmp/foliofs-probe-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        mountpoint = FilePath(platformString: template)
        server = try Served.start(source, mountpoint, route, promoted: false)
    }

    deinit {
        // It unmounts as it ends.
        server?.stop()
        _ = mountpoint.withPlatformString { umount2($0, Int32(MNT_DETACH)) }
        _ = mountpoint.withPlatformString { rmdir($0) }
    }
}
