import Glibc

/// Runs each case in a process group of its own with a time limit, and leaves nothing behind.
struct Runner {
    let binaries: String
    let tools: String
    let work: String
    let strict: Bool

    /// Runs the cases and prints one line for each; the number that failed.
    func run(_ cases: [TestCase]) throws -> Int {
        mountConnections()
        var passed = 0
        var failed = 0
        var skipped = 0
        for test in cases {
            let start = Clock.now()
            var (verdict, reason) = try runAlone(test)
            let seconds = Double(Int((Clock.now() - start) * 100)) / 100
            if verdict == "skipped", strict { (verdict, reason) = ("failed", "skipped under STRICT=1: " + reason) }
            switch verdict {
            case "ok":
                passed += 1
                say("ok \(test.name) (\(seconds))" + (reason.isEmpty ? "" : ": " + reason))
            case "skipped":
                skipped += 1
                say("skipped \(test.name): \(reason)")
            default:
                failed += 1
                say("FAILED \(test.name): \(reason)")
            }
        }
        say("\(passed) passed, \(failed) failed" + (skipped > 0 ? ", \(skipped) skipped" : ""))
        return failed
    }

    private func runAlone(_ test: TestCase) throws -> (String, String) {
        let name = String(test.name.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
        let directory = work + "/" + name
        let result = directory + ".result"
        try require("rm -rf --one-file-system \"$D\" && mkdir -p \"$D\"", environment: ["D": directory])
        unlink(result)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let arguments = [
            "foliofs-mount-tests", "--one", test.name, "--directory", directory, "--binaries", binaries, "--tools",
            tools,
        ]
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        guard posix_spawn(&process, "/proc/self/exe", nil, &attributes, &words, environ) == 0 else {
            throw Failure("cannot start a process for \(test.name)")
        }
        var status: Int32 = 0
        let end = Clock.now() + test.limit
        var late = false
        while waitpid(process, &status, WNOHANG) == 0 {
            if Clock.now() > end, !late {
                late = true
                abortConnections(beneath: directory)
                kill(-process, SIGKILL)
            }
            poll(nil, 0, 5)
        }
        let left = sweep(group: process, directory: directory)
        var lines = (readText(result) ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        unlink(result)
        if late { return ("failed", "not done after \(test.limit) s") }
        guard !lines.isEmpty else { return ("failed", "the test process died with status \(status)") }
        let verdict = lines.removeFirst()
        if verdict == "ok", !left.isEmpty { return ("failed", "left mounted: \(left.joined(separator: " "))") }
        if verdict != "failed" {
            _ = try bash("rm -rf --one-file-system \"$D\" \"$D\".*", environment: ["D": directory])
        }
        return (verdict, lines.joined(separator: "\n    "))
    }

    /// Kills what the case left running and unmounts what it left mounted; the FUSE mounts among them.
    private func sweep(group: pid_t, directory: String) -> [String] {
        let left = MountPoint.all().filter { $0.path.hasPrefix(directory + "/") }
        let served = left.filter { $0.type.hasPrefix("fuse") }
        for mount in served { mount.abortConnection() }
        kill(-group, SIGKILL)
        for mount in left.reversed() { umount2(mount.path, 2) }
        return served.map(\.path)
    }

    private func abortConnections(beneath directory: String) {
        for mount in MountPoint.all() where mount.path.hasPrefix(directory + "/") { mount.abortConnection() }
    }

    /// Makes /sys/fs/fuse/connections visible, where the watchdog ends a connection that hangs.
    private func mountConnections() {
        guard MountPoint.at("/sys/fs/fuse/connections") == nil else { return }
        _ = mount("none", "/sys/fs/fuse/connections", "fusectl", 0, nil)
    }

    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}
