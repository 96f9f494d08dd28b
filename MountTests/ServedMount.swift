import Glibc

/// `foliofs mount` in the foreground as a child, from the moment its mount is there to the moment it is gone.
final class ServedMount {
    let source: String
    let path: String
    let daemon: ChildProcess
    private let log: String

    /// Starts the daemon and waits for the mount.
    init(
        _ bench: Workbench, source: String, at name: String = "mnt", _ options: [String] = [],
        environment: [String: String] = [:]
    ) throws {
        self.source = source
        path = try bench.make(name)
        log = bench.directory + "/\(name).log"
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw Failure("cannot write \(log)") }
        defer { close(output) }
        daemon = try ChildProcess(
            [bench.foliofs, "mount", source, path, "--foreground"] + options, environment: environment,
            output: output)
        let end = Clock.now() + 20
        while MountPoint.at(path) == nil {
            if daemon.hasEnded() {
                throw Failure("foliofs mount ended with \(daemon.ended ?? -1): \(said)")
            }
            if Clock.now() > end { throw Failure("no mount after 20 s: \(said)") }
            MountPoint.waitForChange(seconds: 0.05)
        }
    }

    /// What the daemon has said so far, its last lines.
    var said: String {
        let text = readText(log) ?? ""
        return text.count <= 1500 ? text : text.prefix(1000) + "\n…\n" + text.suffix(400)
    }

    /// Unmounts and collects the daemon; a failure when it does not end well.
    func unmount() throws {
        let outcome = try run(["umount", path], timeout: 20)
        try expect(outcome.status == 0, "umount: \(outcome.text)")
        guard let status = daemon.wait(seconds: 10) else { throw Failure("the daemon lives on after umount: \(said)") }
        try expect(status == 0, "the daemon ended with \(status) after umount: \(said)")
    }

    /// Kills the daemon and takes its mount out of the tree.
    func killAndRemove() {
        daemon.signal(SIGKILL)
        _ = daemon.wait(seconds: 10)
        umount2(path, 2)  // MNT_DETACH
    }

    deinit {
        guard let mount = MountPoint.at(path) else { return }
        umount2(path, 2)  // MNT_DETACH
        if daemon.wait(seconds: 3) == nil {
            mount.abortConnection()
            daemon.signal(SIGKILL)
        }
    }
}

/// Runs `body` with a mount, and requires that it unmounts cleanly afterwards.
func served(
    _ bench: Workbench, source: String, at name: String = "mnt", _ options: [String] = [],
    environment: [String: String] = [:], _ body: (ServedMount) throws -> Void
) throws {
    let mount = try ServedMount(bench, source: source, at: name, options, environment: environment)
    try body(mount)
    if mount.daemon.hasEnded() {
        throw Failure("the daemon ended with \(mount.daemon.ended ?? -1) during the test: \(mount.said)")
    }
    try mount.unmount()
}
