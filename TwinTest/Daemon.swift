import Glibc

/// `foliofs mount` in the foreground as a child.
final class Daemon {
    let mountpoint: String
    let process: pid_t
    private let log: String
    /// The number of the FUSE connection in /sys/fs/fuse/connections.
    private let connection: UInt64
    private var ended = false

    /// Starts it and waits until its mount is there.
    init(_ foliofs: String, source: String, mountpoint: String, log: String, _ options: [String]) throws {
        self.mountpoint = mountpoint
        self.log = log
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw Failure("cannot write \(log): \(errnoText(errno))") }
        defer { close(output) }
        let before = Self.device(mountpoint)
        process = try Shell.start([foliofs, "mount", source, mountpoint, "--foreground"] + options, output: output)
        let table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        defer { close(table) }
        let deadline = time(nil) + 30
        while Self.device(mountpoint) == before {
            guard waitpid(process, nil, WNOHANG) == 0, time(nil) < deadline else {
                throw Failure("foliofs mount did not mount: \(Self.tail(log))")
            }
            // A change of the mount table is POLLPRI (proc_pid_mountinfo(5)).
            var wanted = pollfd(fd: table, events: Int16(POLLPRI), revents: 0)
            poll(&wanted, 1, 20)
        }
        connection = UInt64(Self.device(mountpoint)) & 0xfffff
    }

    deinit {
        guard !ended else { return }
        abort()
        umount2(mountpoint, 2)
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    /// What is wrong with it; nil: it runs.
    var trouble: String? {
        var status: Int32 = 0
        guard !ended, waitpid(process, &status, WNOHANG) == process else { return nil }
        ended = true
        umount2(mountpoint, 2)
        return "the daemon ended with status \(status): \(Self.tail(log))"
    }

    /// Unmounts; what is wrong where it does not end well.
    func end() -> String? {
        if let trouble { return trouble }
        guard umount2(mountpoint, 0) == 0 else { return "cannot unmount: \(errnoText(errno))" }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        ended = true
        return status == 0 ? nil : "the daemon ended with status \(status) after unmount: \(Self.tail(log))"
    }

    /// Ends the connection, so that whoever waits on it gets an error.
    private func abort() {
        let file = open("/sys/fs/fuse/connections/\(connection)/abort", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, "1", 1)
        close(file)
    }

    private static func device(_ path: String) -> dev_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_dev : 0
    }

    private static func tail(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 6000)
        let size = lseek(file, 0, SEEK_END)
        let count = pread(file, &bytes, bytes.count, max(0, size - bytes.count))
        return String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
    }
}
