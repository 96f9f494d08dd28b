import Glibc

/// The daemon that serves a supervised mount now.
struct SupervisedServer {
    let mount: ServedMount

    /// Its process; nil: one daemon has ended and the next is not there yet.
    var process: pid_t? {
        let children = readText("/proc/\(mount.daemon.id)/task/\(mount.daemon.id)/children") ?? ""
        return children.split(whereSeparator: \.isWhitespace).first.flatMap { pid_t($0) }
    }

    /// Waits for one that is not `last`.
    func next(after last: pid_t? = nil) throws -> pid_t {
        var found: pid_t?
        try until("another daemon serves (\(mount.said))") {
            found = process
            return found != nil && found != last
        }
        return try unwrap(found)
    }

    /// Kills it.
    @discardableResult
    func kill() throws -> pid_t {
        let process = try next()
        Glibc.kill(process, SIGKILL)
        return process
    }

    /// Waits until a thread of a process waits in a function of the kernel.
    static func awaitWaiting(_ process: pid_t, in function: String) throws {
        try until("\(process) waits in \(function)") {
            try require("cat /proc/$P/task/*/wchan || true", environment: ["P": "\(process)"]).contains(function)
        }
    }

    /// Kills it and calls `body` before another takes over.
    func betweenServers(_ body: () throws -> Void) throws {
        let process = try next()
        mount.daemon.signal(SIGSTOP)
        defer { mount.daemon.signal(SIGCONT) }
        try until("the supervisor is stopped") { Self.isStopped(mount.daemon.id) }
        Glibc.kill(process, SIGKILL)
        try until("the server has ended") { Self.isZombie(process) }
        try body()
    }

    /// Whether a process has ended, or its first thread has, and nobody has waited for it.
    static func isZombie(_ process: pid_t) -> Bool { (readText("/proc/\(process)/stat") ?? "").contains(") Z ") }

    /// Whether a process has been stopped.
    static func isStopped(_ process: pid_t) -> Bool {
        (readText("/proc/\(process)/stat") ?? "").contains(") T ")
    }
}

/// Runs `body` with a supervised mount, and requires that it unmounts cleanly afterwards.
func supervised(
    _ bench: Workbench, source: String, at name: String = "mnt", _ options: [String] = [],
    environment: [String: String] = [:], _ body: (ServedMount, SupervisedServer) throws -> Void
) throws {
    try served(bench, source: source, at: name, options + ["--supervised"], environment: environment) { mount in
        try body(mount, SupervisedServer(mount: mount))
    }
}
