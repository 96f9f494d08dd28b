import Glibc

/// However a mount ends, the source is whole and nothing else is left.
let lifecycleCases: [TestCase] = [
    TestCase("Lifecycle/SIGTERM unmounts") { try endedBy(SIGTERM, $0) },
    TestCase("Lifecycle/SIGINT unmounts") { try endedBy(SIGINT, $0) },
    TestCase("Lifecycle/umount from outside ends the daemon") { bench in
        let source = try filled(bench)
        try served(bench, source: source) { mount in try require("cat file > /dev/null", in: mount.path) }
        try intact(source)
    },
    TestCase("Lifecycle/in the background: back when ready, gone after unmount") { bench in
        let source = try filled(bench)
        let place = try bench.make("mnt")
        let started = try bench.cli("mount", source, place, timeout: 20)
        try expectEqual(started.status, 0, "mount: \(started.text)")
        try expectEqual(started.text, "", "what mount said")
        try expect(MountPoint.at(place)?.type == "fuse.foliofs", "not mounted when mount returned")
        try require("cmp file \"$S/file\"", in: place, environment: ["S": source])
        let ended = try bench.cli("unmount", place)
        try expectEqual(ended.status, 0, "unmount: \(ended.text)")
        try expect(MountPoint.at(place) == nil, "still mounted after unmount")
        try nothingRuns(source)
        try intact(source)
    },
    TestCase("Lifecycle/in the background with much to say: back when ready all the same") { bench in
        let source = try filled(bench)
        let place = try bench.make("mnt")
        let started = try bench.cli("mount", "--verbose", source, place, timeout: 20)
        try expectEqual(started.status, 0, "mount: \(started.text)")
        try require("cmp file \"$S/file\"", in: place, environment: ["S": source])
        let ended = try bench.cli("unmount", place)
        try expectEqual(ended.status, 0, "unmount: \(ended.text)")
        try nothingRuns(source)
    },
    TestCase("Lifecycle/busy: umount refuses, a lazy one ends when the last file closes") { bench in
        let source = try filled(bench)
        let mount = try ServedMount(bench, source: source)
        let holder = open(mount.path + "/file", O_RDONLY | O_CLOEXEC)
        try expect(holder >= 0, "cannot open the file")
        let refused = try bench.cli("unmount", mount.path)
        try expectEqual(refused.status, 1, "unmount of a busy mount: \(refused.text)")
        try oneLine(refused, containing: "EBUSY")
        let lazy = try bench.cli("unmount", "--lazy", mount.path)
        try expectEqual(lazy.status, 0, "lazy unmount: \(lazy.text)")
        var byte: UInt8 = 0
        try expectEqual(pread(holder, &byte, 1, 4_999_999), 1, "a read after the lazy unmount")
        try expect(!mount.daemon.hasEnded(), "the daemon ended while a file was open")
        close(holder)
        try expectEqual(mount.daemon.wait(seconds: 10), 0, "how the daemon ended")
        try intact(source)
    },
    TestCase("Lifecycle/kill -9: source whole, mount removable, no staging left") { bench in
        let before = MountPoint.all().map { "\($0.type) \($0.path)" }
        let source = try filled(bench)
        let shmem = try sharedMemory()
        let mount = try ServedMount(bench, source: source, ["--route", "staged", "--stage-limit", "1G"])
        try require("head -c 200M /dev/zero > big; sync big", in: source)
        let promoted = try bench.cli("promote", mount.path + "/big", "--wait", "--json")
        try expectEqual(promoted.status, 0, "promote: \(promoted.text)")
        try expect(try sharedMemory() > shmem + 150_000_000, "the copy is not in shared memory")
        mount.daemon.signal(SIGKILL)
        try expectEqual(mount.daemon.wait(seconds: 5), 128 + SIGKILL, "how the daemon ended")
        try expect(
            try bash("timeout 5 ls \"$M\"", environment: ["M": mount.path]).status != 0, "ls works with no daemon")
        let ended = try bench.cli("unmount", mount.path)
        try expectEqual(ended.status, 0, "unmount of what a killed daemon left: \(ended.text)")
        try expectEqual(MountPoint.all().map { "\($0.type) \($0.path)" }, before, "mounts afterwards")
        let end = Clock.now() + 5
        while try sharedMemory() > shmem + 20_000_000 {
            try expect(Clock.now() < end, "the copy is still in shared memory 5 s afterwards")
            poll(nil, 0, 20)
        }
        try intact(source)
    },
    TestCase("Lifecycle/kill -9 while written to: what was acknowledged is in the source") { bench in
        let source = try filled(bench)
        let mount = try ServedMount(bench, source: source, ["--route", "staged"])
        let writer = try ChildProcess(
            [
                "python3", "-c",
                """
                import os, sys
                fd = os.open(sys.argv[1], os.O_WRONLY); done = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT, 0o644)
                for i in range(4000000 // 8):
                    os.pwrite(fd, b"%08d" % i, i * 8); os.pwrite(done, b"%d" % (i + 1), 0)
                """, mount.path + "/file", bench.directory + "/done",
            ], output: 2)
        let end = Clock.now() + 10
        while (Int(readText(bench.directory + "/done") ?? "") ?? 0) < 500 {
            try expect(Clock.now() < end && !writer.hasEnded(), "the writer gets nowhere")
            poll(nil, 0, 5)
        }
        mount.daemon.signal(SIGKILL)
        _ = mount.daemon.wait(seconds: 5)
        _ = writer.wait(seconds: 10)
        let count = Int(readText(bench.directory + "/done") ?? "") ?? 0
        let bytes = Array((readText(source + "/file") ?? "").utf8)
        for index in 0..<count {
            let found = String(decoding: bytes[index * 8..<index * 8 + 8], as: UTF8.self)
            try expect(Int(found) == index, "acknowledged record \(index) of \(count) is \(found) in the source")
        }
        try require("umount \"$M\"", environment: ["M": mount.path])
    },
    TestCase("Lifecycle/many mounts at once", limit: 120) { bench in
        let source = try filled(bench)
        var mounts: [ServedMount] = []
        for index in 0..<8 {
            let route = ["native", "staged", "plain"][index % 3]
            mounts.append(try ServedMount(bench, source: source, at: "m\(index)", ["--route", route]))
        }
        let wanted = try require("sha256sum < file", in: source)
        let all = mounts.map { "'\($0.path)'" }.joined(separator: " ")
        let said = try require(
            "for m in \(all); do (sha256sum < $m/file; echo hi > $m/new-$(basename $m)) & done; wait")
        try expectEqual(said, String(repeating: wanted, count: 8), "what eight readers read")
        try expectEqual(try require("ls | wc -l", in: source), "9\n", "files in the source")
        for mount in mounts { try mount.unmount() }
    },
    TestCase("Lifecycle/mount again and again", limit: 120) { bench in
        let source = try filled(bench)
        for _ in 0..<15 {
            try served(bench, source: source) { mount in
                try require("cmp file \"$S/file\"", in: mount.path, environment: ["S": source])
            }
        }
        try intact(source)
    },
    TestCase("Lifecycle/the staging budget holds") { bench in
        let source = try bench.make("source")
        try require("for i in 1 2 3 4 5 6; do head -c 16M /dev/zero | tr '\\0' $i > f$i; done; sync f*", in: source)
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "40M"]) { mount in
            for index in 1...6 {
                try require("cmp f\(index) \"$S/f\(index)\"", in: mount.path, environment: ["S": source])
                _ = try bench.cli("promote", mount.path + "/f\(index)", "--wait", "--json")
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                let staged = status["stagedBytes"]?.number ?? -1
                try expect(staged >= 0 && staged <= 40 * 1_048_576, "\(Int(staged)) bytes staged of 40 MiB")
            }
            // With all of them open, what does not fit is served all the same.
            try require(
                "exec 3<f1 4<f2 5<f3 6<f4 7<f5 8<f6; for i in 1 2 3 4 5 6; do cmp f$i \"$S/f$i\"; done", in: mount.path,
                environment: ["S": source])
        }
    },
    TestCase("Lifecycle/read-only") { bench in
        let source = try filled(bench)
        try served(bench, source: source, ["--read-only"]) { mount in
            let said = try bash(
                "echo x > new; echo x >> file; rm file; mkdir d; chmod 600 file; truncate -s 0 file; mv file g; ln file h; ln -s a b; setfattr -n user.a -v b file; touch file; cat file | wc -c",
                in: mount.path)
            try expectEqual(
                said.lines.filter { $0.contains("Read-only file system") }.count, 11, "refusals in \(said.text)")
            try expectEqual(said.lines.last ?? "", "5000000", "the file's size")
        }
        try intact(source)
    },
]

private func filled(_ bench: Workbench) throws -> String {
    let source = try bench.make("source")
    try require("head -c 5000000 /dev/zero | tr '\\0' a > file", in: source)
    return source
}

private func intact(_ source: String) throws {
    try expectEqual(
        try require("tr -d a < file | wc -c; stat -c %s file", in: source), "0\n5000000\n", "the source's file")
}

private func endedBy(_ signal: Int32, _ bench: Workbench) throws {
    let source = try filled(bench)
    let mount = try ServedMount(bench, source: source)
    try require("cat file > /dev/null; echo x > new", in: mount.path)
    mount.daemon.signal(signal)
    try expectEqual(mount.daemon.wait(seconds: 10), 0, "how the daemon ended (\(mount.said))")
    try expect(MountPoint.at(mount.path) == nil, "still mounted")
    try expectEqual(try require("cat new", in: source), "x\n", "the file made through the mount")
    try intact(source)
}

/// Bytes of shared memory in use (Shmem of proc_meminfo(5)).
private func sharedMemory() throws -> Int {
    Int(try require("awk '/^Shmem:/ {print $2 * 1024}' /proc/meminfo").filter(\.isNumber)) ?? 0
}

/// Waits until no process has this directory among its arguments.
private func nothingRuns(_ source: String) throws {
    let end = Clock.now() + 5
    while true {
        let found = try bash(
            "for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/cmdline 2>/dev/null | grep -qxF \"$NAMED\" && basename $p; done; true",
            environment: ["NAMED": source])
        if found.text.isEmpty { return }
        try expect(Clock.now() < end, "process \(found.text) still serves \(source)")
        poll(nil, 0, 20)
    }
}

/// Requires exactly one line, from foliofs, with these words in it.
func oneLine(_ outcome: Outcome, containing words: String...) throws {
    try expectEqual(outcome.lines.count, 1, "lines of the error: \(outcome.text)")
    let line = outcome.lines.first ?? ""
    try expect(line.hasPrefix("foliofs: "), "the error does not start with foliofs: \(line)")
    for word in words { try expect(line.contains(word), "no \(word) in the error: \(line)") }
}
