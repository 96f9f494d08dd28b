import CLinuxShims
import Glibc
package import LinuxFacts
package import SystemPackage

/// A tmpfs in a mount namespace of this process alone: images, mounts and loop devices in it go when the process does,
/// however it ends.
package final class Workspace {
    /// Where it is.
    package let root: FilePath
    private let made: Bool

    /// Enters a private mount namespace and makes the workspace in it. One thread only.
    /// - Throws: EPERM without CAP_SYS_ADMIN.
    package init() throws(LinuxError) {
        try Self.enterPrivateNamespace()
        // A directory that exists leaves nothing behind, even after SIGKILL: its cover is in this namespace only.
        if let directory = ["/mnt", "/media", "/srv"].first(where: { Self.isDirectory($0) }) {
            root = FilePath(directory)
            made = false
        } else {
            var template = Array("/tmp/foliofs-verify-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else {
                throw LinuxError("make", "/tmp/foliofs-verify-XXXXXX", Errno(rawValue: errno))
            }
            root = FilePath(platformString: template)
            made = true
        }
        do throws(Errno) {
            try Self.mount("tmpfs", on: root, type: "tmpfs", options: "mode=0755,huge=never")
        } catch {
            if made { _ = root.withPlatformString { rmdir($0) } }
            throw LinuxError("mount a tmpfs on", root, error, advice: "run it as root")
        }
        Self.mountTracefs()
    }

    deinit {
        _ = root.withPlatformString { umount2($0, Int32(MNT_DETACH)) }
        if made { _ = root.withPlatformString { rmdir($0) } }
    }

    /// unshare(CLONE_NEWNS), every mount private. One thread only.
    /// - Throws: EPERM without CAP_SYS_ADMIN.
    package static func enterPrivateNamespace() throws(LinuxError) {
        do throws(Errno) {
            _ = try systemCall { folio_private_mount_namespace() }
        } catch {
            throw LinuxError("make a private mount namespace for", "this process", error, advice: "run it as root")
        }
    }

    /// Mounts tracefs where it belongs, if it is not there.
    package static func mountTracefs() {
        if access("/sys/kernel/tracing/instances", F_OK) != 0 {
            try? mount("tracefs", on: "/sys/kernel/tracing", type: "tracefs", options: "")
        }
    }

    /// A new directory in it.
    func directory(_ name: String) throws(LinuxError) -> FilePath {
        let path = root.appending(name)
        do throws(Errno) {
            _ = try systemCall { path.withPlatformString { mkdir($0, 0o755) } }
        } catch {
            guard error == .fileExists else { throw LinuxError("make the directory", path, error) }
        }
        return path
    }

    /// mount(2).
    static func mount(_ source: String, on path: FilePath, type: String, options: String) throws(Errno) {
        _ = try systemCall {
            path.withPlatformString { target in
                options.withCString { Glibc.mount(source, target, type, 0, UnsafeRawPointer($0)) }
            }
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
