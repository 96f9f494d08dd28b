import Glibc
import LinuxFacts
package import SystemPackage

/// fusermount3(1): mounts and unmounts for those who may not do it themselves.
package enum FuseMountProgram {
    /// Where it is; nil: nowhere on PATH, nor where Debian puts it.
    package static func find() -> FilePath? {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map(String.init)
        return (["/usr/bin", "/bin"] + folders).map { FilePath($0 + "/fusermount3") }.first { path in
            path.withPlatformString { access($0, X_OK) } == 0
        }
    }

    /// Whether it is set-user-id root, without which it has no more rights than its caller.
    package static func hasPrivileges(_ path: FilePath) -> Bool {
        guard let status = try? FileStatus.read(path) else { return false }
        return status.user == 0 && status.mode & UInt32(S_ISUID) != 0
    }

    /// Whether /etc/fuse.conf lets users show their mounts to others.
    package static var allowsOthers: Bool { (try? TextFile.read("/etc/fuse.conf")).map(allowsOthers) ?? false }

    /// Whether the text of fuse.conf has `user_allow_other` outside a comment.
    package static func allowsOthers(_ text: String) -> Bool {
        text.split(separator: "\n").contains { line in
            (line.prefix { $0 != "#" }).filter { !$0.isWhitespace } == "user_allow_other"
        }
    }
}
