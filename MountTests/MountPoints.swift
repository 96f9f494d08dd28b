import Glibc
import LinuxFacts
import SystemPackage

/// /proc/self/mountinfo, as far as the tests need it (proc_pid_mountinfo(5)).
struct MountPoint {
    let minor: String
    let path: String
    let type: String
    let source: String

    static func all() -> [MountPoint] {
        let table = (try? MountTable.read())?.mounts ?? []
        return table.map { mount in
            MountPoint(
                minor: String(mount.device.minor), path: mount.mountpoint.string, type: mount.type,
                source: mount.source)
        }
    }

    /// What is mounted there, topmost.
    static func at(_ path: String) -> MountPoint? { all().last { $0.path == path } }

    /// Waits until the mount table changes or `seconds` are over (a poll of mountinfo, proc_pid_mountinfo(5)).
    static func waitForChange(seconds: Double) {
        let table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard table >= 0 else { return }
        defer { close(table) }
        var wanted = pollfd(fd: table, events: Int16(POLLPRI), revents: 0)
        poll(&wanted, 1, Int32(seconds * 1000))
    }

    /// Ends the FUSE connection behind this mount: whoever waits on it gets ENOTCONN.
    func abortConnection() {
        guard type.hasPrefix("fuse") else { return }
        let file = open("/sys/fs/fuse/connections/\(minor)/abort", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, "1", 1)
        close(file)
    }
}

/// The whole of a small file, or nil.
func readText(_ path: String) -> String? { try? TextFile.read(FilePath(path)) }

/// Whether anything is there, symbolic links followed.
func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Writes a whole file.
func writeText(_ text: String, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    try expect(file >= 0, "cannot write \(path): \(String(cString: strerror(errno)))")
    defer { close(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        try expect(count > 0, "cannot write \(path): \(String(cString: strerror(errno)))")
        rest = rest.dropFirst(count)
    }
}
