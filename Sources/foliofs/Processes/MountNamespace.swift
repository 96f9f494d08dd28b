import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// The mount namespace of another process.
enum MountNamespace {
    /// Enters that of a process, so that its paths lead here where they lead there. One thread only.
    ///
    /// Nothing changes where it is the same, where it may not be entered (CAP_SYS_ADMIN), or where /proc in it shows other
    /// processes by these numbers.
    static func enter(of process: Int32) {
        let path = FilePath("/proc/\(process)/ns/mnt")
        guard let theirs = try? FileStatus.read(path), let ours = try? FileStatus.read("/proc/self/ns/mnt"),
            theirs.inode != ours.inode,
            let own = try? FileDescriptor.open("/proc/self/ns/mnt", .readOnly, options: .closeOnExec)
        else { return }
        defer { try? own.close() }
        guard let target = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return }
        defer { try? target.close() }
        guard folio_enter_mount_namespace(target.rawValue) == 0 else { return }
        if (try? FileStatus.read(path))?.inode != theirs.inode { _ = folio_enter_mount_namespace(own.rawValue) }
    }
}
