import Glibc

/// SIGTERM: what was asked is answered, what is dirty reaches the source, and nothing is left.
let drainingCases: [TestCase] = [
    TestCase("Draining/SIGTERM under load: every acknowledged change is there, exit 0, no mount") { bench in
        let source = try bench.make("source")
        for round in 0..<6 {
            let mount = try ServedMount(bench, source: source, at: "m\(round)")
            let writers = try (0..<4).map { number in
                try ChildProcess(
                    [
                        "python3", "-c",
                        """
                        import errno, os, sys
                        place, done = sys.argv[1], os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
                        try:
                            for i in range(10**9):
                                f = os.open("%s/f%d" % (place, i), os.O_WRONLY | os.O_CREAT, 0o644); os.write(f, b"%d" % i); os.close(f)
                                os.write(done, b"%d\\n" % i)
                        except OSError as e: sys.exit(0 if e.errno in (errno.ENOTCONN, errno.ECONNABORTED, errno.ENODEV, errno.ENOENT) else "%r" % e)
                        """, try madeDirectory(mount.path + "/r\(round)w\(number)"), bench.directory + "/done\(number)",
                    ], output: 2)
            }
            try until("the writers get somewhere") {
                (0..<4).allSatisfy {
                    (readText(bench.directory + "/done\($0)") ?? "").split(separator: "\n").count > 20
                }
            }
            mount.daemon.signal(SIGTERM)
            try expectEqual(mount.daemon.wait(seconds: 10), 0, "how the daemon ended (\(mount.said))")
            try expect(MountPoint.at(mount.path) == nil, "still mounted")
            for (number, writer) in writers.enumerated() {
                try expectEqual(writer.wait(seconds: 10), 0, "how a writer ended")
                let done = (readText(bench.directory + "/done\(number)") ?? "").split(separator: "\n").count
                for index in 0..<done {
                    let text = readText(source + "/r\(round)w\(number)/f\(index)")
                    try expect(text == "\(index)", "file \(index) of \(done) has \(text ?? "nothing")")
                }
            }
        }
    },
    TestCase("Draining/SIGTERM with a staged copy mapped and dirty: the source has it") { bench in
        let source = try bench.make("source")
        try require("head -c 4M /dev/zero | tr '\\0' a > file; sync file", in: source)
        let mount = try ServedMount(bench, source: source, ["--route", "staged"])
        let holder = try ChildProcess(
            [
                "python3", "-c",
                """
                import mmap, os, sys, time
                r = os.open(sys.argv[1], os.O_RDONLY); os.pread(r, 1, 0); f = os.open(sys.argv[1], os.O_RDWR); m = mmap.mmap(f, 4 << 20)
                m[0:5] = b"FIRST"; m[3000000:3000006] = b"SECOND"; print("ready", flush=True); time.sleep(1000)
                """, mount.path + "/file",
            ], output: try makeFile(bench.directory + "/holder"))
        defer { holder.signal(SIGKILL) }
        try until("the file is mapped") { readText(bench.directory + "/holder")?.contains("ready") == true }
        let status = try JSON(bench.cli("status", mount.path, "--json").text)
        try expect((status["routes"]?["staged"]?.number ?? 0) > 0, "the file is not staged")
        mount.daemon.signal(SIGTERM)
        try expectEqual(mount.daemon.wait(seconds: 10), 0, "how the daemon ended (\(mount.said))")
        try expectEqual(
            try require("head -c 5 file; tail -c +3000001 file | head -c 6", in: source), "FIRSTSECOND", "the source")
        try expect(MountPoint.at(mount.path) == nil, "still mounted")
    },
    TestCase("Draining/SIGTERM while somebody waits for a lock, and while a big write is on its way") { bench in
        let source = try bench.make("source")
        try require("touch lock", in: source)
        let mount = try ServedMount(bench, source: source, ["--no-passthrough"])
        let holder = try ChildProcess(
            [
                "python3", "-c",
                "import fcntl, os, sys, time; f = os.open(sys.argv[1], os.O_RDWR); fcntl.lockf(f, fcntl.LOCK_EX); print('ready', flush=True); time.sleep(1000)",
                mount.path + "/lock",
            ],
            output: try makeFile(bench.directory + "/holder"))
        defer { holder.signal(SIGKILL) }
        try until("the lock is held") { readText(bench.directory + "/holder")?.contains("ready") == true }
        let waiters = try ["lockf(f, fcntl.LOCK_EX)", "flock(f, fcntl.LOCK_EX)"].map { call in
            try ChildProcess(
                [
                    "python3", "-c",
                    "import fcntl, os, sys; f = os.open(sys.argv[1], os.O_RDWR); g = os.open(sys.argv[1], os.O_RDWR); fcntl.flock(g, fcntl.LOCK_EX); print('waits', flush=True)\ntry: fcntl.\(call)\nexcept OSError: sys.exit(7)",
                    mount.path + "/lock",
                ],
                output: try makeFile(bench.directory + "/waiter" + String(call.prefix(5))))
        }
        defer { for waiter in waiters { waiter.signal(SIGKILL) } }
        try until("somebody waits") {
            readText(bench.directory + "/waiterlockf")?.contains("waits") == true
                || readText(bench.directory + "/waiterflock")?.contains("waits") == true
        }
        let writer = try ChildProcess(
            [
                "python3", "-c",
                "import os, sys; f = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)\ntry:\n  while os.lseek(f, 0, 1) < 1 << 30: os.write(f, b'z' * (8 << 20))\nexcept OSError: sys.exit(7)",
                mount.path + "/big",
            ],
            output: 2)
        defer { writer.signal(SIGKILL) }
        try until("something is written") {
            (Int((try? require("stat -c %s big", in: source)).map { $0.filter(\.isNumber) } ?? "") ?? 0) > 16 << 20
        }
        mount.daemon.signal(SIGTERM)
        try expectEqual(mount.daemon.wait(seconds: 15), 0, "how the daemon ended (\(mount.said))")
        try expect(MountPoint.at(mount.path) == nil, "still mounted")
        for waiter in waiters { try expect(waiter.wait(seconds: 10) != nil, "a waiter for a lock hangs") }
        try expect(writer.wait(seconds: 10) != nil, "the writer hangs")
        try expectEqual(try require("tr -d z < big | wc -c", in: source), "0\n", "bytes that nobody wrote")
    },
]

private func madeDirectory(_ path: String) throws -> String {
    guard mkdir(path, 0o755) == 0 else { throw Failure("cannot make \(path): \(String(cString: strerror(errno)))") }
    return path
}
