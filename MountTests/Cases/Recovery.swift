import Glibc

/// A daemon that ends under running programs, and another that takes over.
let recoveryCases: [TestCase] =
    ["native", "staged", "plain", "no-passthrough"].map { route in
        TestCase("Recovery/programs go on with what they have, daemon after daemon, \(route)") { bench in
            let source = try bench.make("source")
            try require(
                "mkdir -p dir/deep; for i in $(seq 300); do echo $i > dir/f$i; done; head -c 3M /dev/urandom > big",
                in: source)
            let options = route == "no-passthrough" ? ["--no-passthrough"] : ["--route", route]
            try supervised(bench, source: source, options) { mount, server in
                _ = try server.next()
                let said = try run(
                    ["python3", "-c", program, mount.path, source, "\(mount.daemon.id)", "20"], timeout: 50)
                try expect(said.status == 0, "the program: \(said.text)\n\(mount.said)")
                note(said.lines.last ?? "")
            }
        }
    }
    + ChangeScript.all.map { script in
        TestCase("Recovery/\(script.variant ?? script.operation) is carried out once, wherever the daemon ends") {
            bench in
            let isFull = ChildProcess.environment["FULL"]?.isEmpty == false
            let steps =
                isFull
                ? ["read", "intended", "done", "carried-out", "recorded", "answered"]
                : ["done", "recorded"]
            for step in steps where script.isNoted || !["intended", "done"].contains(step) {
                try interrupted(bench, script, step)
            }
        }
    }
    + [
        TestCase("Recovery/what is stored to a staged copy while nothing serves is kept beside changes of its source") {
            bench in
            let source = try bench.make("source")
            try require("head -c 5000000 /dev/zero | tr '\\0' o > file", in: source)
            try supervised(bench, source: source, ["--route", "staged"]) { mount, server in
                _ = try server.next()
                let said = try run(
                    ["python3", "-c", storesBetweenServers, mount.path, source, "\(mount.daemon.id)"], timeout: 50)
                try expect(said.status == 0, "the program: \(said.text)\n\(mount.said)")
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                try expectEqual(status["counters"]?["staged"]?.number, 1, "copies made")
            }
        },
        TestCase("Recovery/a supervisor that is killed ends the mount as an ordinary one ends") { bench in
            let source = try bench.make("source")
            let mount = try ServedMount(bench, source: source, ["--supervised"])
            let daemon = try SupervisedServer(mount: mount).next()
            try require("echo text > file", in: mount.path)
            mount.daemon.signal(SIGKILL)
            try until("the mount is gone") { MountPoint.at(mount.path) == nil }
            try until("the daemon is gone") { !exists("/proc/\(daemon)/status") || SupervisedServer.isZombie(daemon) }
            try expectEqual(try require("cat file", in: source), "text\n", "the source")
        },
        TestCase("Recovery/daemons that end faster than they serve are given up, and the mount with them") { bench in
            let source = try bench.make("source")
            let mount = try ServedMount(bench, source: source, ["--supervised"])
            let server = SupervisedServer(mount: mount)
            try require("ls", in: mount.path)
            var last: pid_t?
            while !mount.daemon.hasEnded() {
                guard let process = server.process, process != last else {
                    poll(nil, 0, 1)
                    continue
                }
                kill(process, SIGKILL)
                last = process
            }
            try expectEqual(mount.daemon.ended, 1, "how the supervisor ended")
            try expect(MountPoint.at(mount.path) == nil, "still mounted")
            try expectEqual(
                mount.said.split(separator: "\n").count { $0.contains("is unmounted: ") }, 1, "lines of the end")
        },
        TestCase("Recovery/daemons that are killed while nobody asks anything have not failed") { bench in
            let source = try bench.make("source")
            try require("echo text > file", in: source)
            try supervised(bench, source: source) { mount, server in
                var last: pid_t?
                for _ in 0..<12 {
                    let process = try server.next(after: last)
                    try SupervisedServer.awaitWaiting(process, in: "fuse_dev_do_read")
                    kill(process, SIGKILL)
                    last = process
                }
                try expectEqual(try require("cat file", in: mount.path), "text\n", "the file")
            }
        },
        TestCase("Recovery/a request is given up when daemons crash at it, and not when they are killed") { bench in
            let source = try bench.make("source")
            try require("echo text > file", in: source)
            try supervised(bench, source: source) { mount, server in
                for (signal, wanted) in [(SIGSEGV, "EIO"), (SIGKILL, "done")] {
                    // Whose lease an open for writing waits for.
                    let holder = try WaitingProcess(
                        [
                            "python3", "-c",
                            """
                            import fcntl, os, signal, sys
                            signal.signal(signal.SIGIO, signal.SIG_IGN)
                            fcntl.fcntl(os.open(sys.argv[1], os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)
                            print('held', flush=True); sys.stdin.readline()
                            """, source + "/file",
                        ], bench)
                    let output = try makeFile(bench.directory + "/said")
                    defer { close(output) }
                    let opener = try ChildProcess(
                        [
                            "python3", "-c",
                            """
                            import errno, os, sys
                            try: os.open(sys.argv[1], os.O_WRONLY); print('done')
                            except OSError as e: print(errno.errorcode[e.errno])
                            """, mount.path + "/file",
                        ], output: output)
                    for _ in 0..<4 {
                        let process = try server.next()
                        try SupervisedServer.awaitWaiting(process, in: "__break_lease")
                        kill(process, signal)
                        _ = try server.next(after: process)
                    }
                    if signal == SIGKILL { try expectEqual(holder.finish(), 0, "the holder") }
                    try expectEqual(opener.wait(seconds: 20), 0, "the exit of who opens it")
                    try expectEqual(readText(bench.directory + "/said")?.trimmed, wanted, "after \(signal)")
                    if signal != SIGKILL { try expectEqual(holder.finish(), 0, "the holder") }
                }
            }
        },
        TestCase("Recovery/the copy of a file that is removed while no daemon watches goes, once nobody has it") {
            bench in
            let source = try bench.make("source")
            try require("for f in kept left; do head -c 4194304 /dev/urandom > $f; done", in: source)
            try supervised(bench, source: source, ["--route", "staged"]) { mount, server in
                // Between two servers there is nobody to ask.
                func used() throws -> Int {
                    let status = try? JSON(bench.cli("status", mount.path, "--json").text)
                    return Int(status?["staging"]?["usedBytes"]?.number ?? -1)
                }
                let files = ["kept", "left"].map { open(mount.path + "/" + $0, O_RDONLY | O_CLOEXEC) }
                try expect(files.allSatisfy { $0 >= 0 }, "the files cannot be opened")
                try expectEqual(try used(), 8 << 20, "bytes of two copies")
                try server.betweenServers {
                    try require("rm kept left", in: source)
                    close(files[1])
                }
                try until("the copy that nobody has is gone") { try used() == 4 << 20 }
                var last: UInt8 = 0
                try expectEqual(pread(files[0], &last, 1, 4_194_303), 1, "bytes read of the file that is open")
                close(files[0])
                try until("the other is gone as well") { try used() == 0 }
            }
        },
        TestCase("Recovery/a request that waits for the source holds up none but itself at a takeover") { bench in
            let source = try bench.make("source")
            try require("head -c 65536 /dev/urandom > held; echo text > other; mkdir dir", in: source)
            try supervised(bench, source: source, ["--no-passthrough"]) { mount, server in
                let holder = try WaitingProcess.holdingReads(of: source + "/held", bench)
                let output = try makeFile(bench.directory + "/said")
                defer { close(output) }
                let reader = try ChildProcess(["cat", mount.path + "/held"], output: output)
                try SupervisedServer.awaitWaiting(try server.next(), in: "fanotify_handle_event")
                let second = try server.next(after: try server.kill())
                try SupervisedServer.awaitWaiting(second, in: "fanotify_handle_event")
                try expectEqual(
                    try require("cat other; ls; touch dir/new; rm dir/new", in: mount.path, timeout: 10),
                    "text\ndir\nheld\nother\n", "what the mount says while a read waits")
                try expect(!reader.hasEnded(), "the read did not wait")
                try expectEqual(holder.finish(), 0, "the holder")
                try expectEqual(reader.wait(seconds: 20), 0, "the exit of the reader")
                try require("cmp \"$S/held\" said", in: bench.directory, environment: ["S": source])
            }
        },
        TestCase("Recovery/what threads of a killed daemon do late is done once", limit: 90) { bench in
            let source = try bench.loop("mkfs.ext4 -q -F", megabytes: 64, name: "frozen")
            try supervised(bench, source: source, ["--no-passthrough"]) { mount, server in
                _ = try server.next()
                let said = try run(
                    ["python3", "-c", lateChanges, mount.path, source, "\(mount.daemon.id)"], timeout: 60)
                try expect(said.status == 0, "the program: \(said.text)\n\(mount.said)")
            }
            try require("umount \"$S\"", environment: ["S": source])
        },
        TestCase("Recovery/a daemon that is killed while it waits for a page of a read has a successor") { bench in
            let source = try bench.make("source")
            try require("head -c 65536 /dev/urandom > held; echo text > other", in: source)
            try supervised(bench, source: source, ["--no-passthrough"]) { mount, server in
                let first = try server.next()
                let holder = try WaitingProcess.holdingReads(of: source + "/held", bench)
                let output = try makeFile(bench.directory + "/said")
                defer { close(output) }
                let reader = try ChildProcess(["cat", mount.path + "/held"], output: output)
                try SupervisedServer.awaitWaiting(first, in: "fanotify_handle_event")
                // What drops the page that the reader has locked.
                try require("printf changed | dd of=held conv=notrunc status=none", in: source)
                try SupervisedServer.awaitWaiting(first, in: "folio_lock")
                kill(first, SIGKILL)
                try until("the daemon is dead but for a thread in the kernel") { SupervisedServer.isZombie(first) }
                try expectEqual(holder.finish(), 0, "the holder")
                try expectEqual(reader.wait(seconds: 30), 0, "the exit of the reader (\(mount.said))")
                try require("cmp \"$S/held\" held; cat other", in: mount.path, environment: ["S": source])
                try expect(try server.next() != first, "the server is the same")
            }
        },
        TestCase(
            "Recovery/foliofs restart replaces the program and the server, and refuses where there is nothing to hand on"
        ) {
            bench in
            let source = try bench.make("source")
            try require("echo text > file", in: source)
            let program = bench.directory + "/foliofs"
            try require("cp \"$F\" \"$P\"", environment: ["F": bench.foliofs, "P": program])
            let installed = Workbench(binaries: bench.directory, tools: bench.tools, directory: bench.directory)
            let configuration = bench.directory + "/foliofs.conf"
            try writeText("stage-limit = \"64M\"\n", to: configuration)
            try supervised(installed, source: source, ["--config", configuration]) { mount, server in
                let holder = open(mount.path + "/file", O_RDWR | O_CLOEXEC)
                defer { close(holder) }
                try expect(holder >= 0 && flock(holder, LOCK_EX) == 0, "nothing is locked")
                let first = try server.next()
                // As a package upgrade does it.
                try require(
                    "cp \"$F\" \"$P.new\"; mv \"$P.new\" \"$P\"", environment: ["F": bench.foliofs, "P": program])
                let said = try bench.cli("restart", mount.path)
                try expect(said.status == 0, "restart: \(said.text)\n\(mount.said)")
                try expect(try server.next() != first, "the server is the same")
                let image = try require("readlink /proc/\(mount.daemon.id)/exe")
                try expectEqual(image, program + "\n", "the supervisor's program")
                try expectEqual(write(holder, "more", 4), 4, "bytes written by what was open")
                let refused = try bash("flock -n file true", in: mount.path)
                try expectEqual(refused.status, 1, "another's flock")
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                try expectEqual(status["recovery"]?["daemons"]?.number, 2, "servers")
                // What is wrong by now is no end of what is mounted.
                try writeText("nonsense", to: configuration)
                let again = try bench.cli("restart", mount.path)
                try expect(again.status == 0, "restart with a wrong configuration: \(again.text)\n\(mount.said)")
                try expect(mount.said.contains("goes on without configuration"), "what is said: \(mount.said)")
                try expectEqual(try require("cat file", in: mount.path), "more\n", "the file")
            }
            try served(bench, source: source, at: "plain") { mount in
                try expectEqual(try bench.cli("restart", mount.path).status, 4, "restart of what is not supervised")
            }
        },
        TestCase("Recovery/SIGTERM to the supervisor drains and unmounts") { bench in
            let source = try bench.make("source")
            let mount = try ServedMount(bench, source: source, ["--supervised"])
            try require("ls", in: mount.path)
            try SupervisedServer(mount: mount).kill()
            try require("echo text > file", in: mount.path)
            mount.daemon.signal(SIGTERM)
            try expectEqual(mount.daemon.wait(seconds: 10), 0, "how it ended (\(mount.said))")
            try expect(MountPoint.at(mount.path) == nil, "still mounted")
            try expectEqual(try require("cat file", in: source), "text\n", "the source")
        },
        TestCase("Recovery/nothing is left behind by daemons that end: descriptors, handles, nodes") { bench in
            let source = try bench.make("source")
            try require("mkdir d; for i in $(seq 200); do echo $i > d/f$i; done", in: source)
            try supervised(bench, source: source) { mount, server in
                func round() throws {
                    try require("cat d/f* | cksum; ls -l d | wc -l; mkdir n; touch n/a; rm -r n", in: mount.path)
                }
                func count() throws -> Int {
                    let process = try server.next()
                    let listed = try require("ls /proc/\(process)/fd | wc -l")
                    return Int(listed.filter(\.isNumber)) ?? -1
                }
                try round()
                try server.kill()
                try round()
                let before = try count()
                for _ in 0..<15 {
                    let last = try server.kill()
                    try round()
                    _ = try server.next(after: last)
                }
                try require("echo 2 > /proc/sys/vm/drop_caches")
                try round()
                let after = try count()
                try expect(after <= before + 3, "\(before) descriptors before, \(after) after 15 more daemons")
            }
        },
    ]
    + routes.map { route in
        TestCase("Recovery/a build, a repository and a database go through kills at random, \(route)", limit: limit) {
            bench in
            let source = try bench.make("source")
            try supervised(bench, source: source, ["--route", route]) { mount, server in
                var random = CrashRandom(state: ChildProcess.environment["SEED"].flatMap(UInt64.init) ?? 1)
                var (killed, round) = (0, 0)
                func work() throws {
                    let output = try makeFile(bench.directory + "/workload")
                    defer { close(output) }
                    let workload = try ChildProcess(
                        ["/bin/bash", "-ec", ChangeWorkload.script],
                        environment: ["IN": mount.path, "ROUND": "\(round)"], output: output)
                    round += 1
                    while !workload.hasEnded() {
                        poll(nil, 0, Int32(random.next() % 400))
                        if server.process != nil, !workload.hasEnded() {
                            try server.kill()
                            killed += 1
                        }
                    }
                    let said = readText(bench.directory + "/workload") ?? ""
                    try expectEqual(
                        workload.ended, 0, "the workload after \(killed) kills: \(said.suffix(2000))\n\(mount.said)")
                }
                try work()
                let before = try Possessions(bench, mount, server)
                repeat { try work() } while killed < kills
                var after = try Possessions(bench, mount, server)
                let end = Clock.now() + 20
                while !after.isWithin(before), Clock.now() < end { after = try Possessions(bench, mount, server) }
                try expect(after.isWithin(before), "\(before); after \(killed) kills: \(after)")
                note("\(killed) daemons killed in \(round) rounds; \(before); \(after)")
            }
        }
    }
    + twins.map { type in
        TestCase("Recovery/the twin test goes through kills at random, \(type)", limit: limit) { bench in
            let seed = ChildProcess.environment["SEED"].flatMap(Int.init) ?? 1
            let said = try run(
                [
                    bench.binaries + "/foliofs-twin", "--foliofs", bench.binaries + "/foliofs", "--filesystem", type,
                    "--mode", "native,staged,plain,no-passthrough", "--operations", "\(kills * 1200)", "--seed",
                    "\(seed)",
                    "--shrink-seconds", "20", "--kill-within", "300", "--kills", "\(kills)", "--work",
                    try bench.make("twin"),
                ], timeout: limit - 10)
            try expect(
                said.status == 0, "foliofs-twin --filesystem \(type) --seed \(seed) --kill-within 300:\n\(said.text)")
            note(said.lines.filter { $0.contains("daemons killed") }.joined(separator: "; "))
        }
    }

private let routes = ["native", "staged", "plain"]
/// How many daemons each case with kills at random ends: KILLS is for all of them.
private let kills = (ChildProcess.environment["KILLS"].flatMap(Int.init) ?? 100) / (routes.count + twins.count)
private let twins = ["ext4", "xfs"]
private let limit = 160 + Double(kills) * 1.5

/// A change whose daemon is stopped at a step and then killed: it must be made, once, and succeed.
private func interrupted(_ bench: Workbench, _ script: ChangeScript, _ step: String) throws {
    let source = try bench.make("source-\(step)")
    let wanted = try bench.make("wanted-\(step)")
    for directory in [source, wanted] { try require(script.prepare, in: directory) }
    let change = ["python3", "-c", "import os, sys\nos.chdir(sys.argv[1])\n" + script.change]
    let native = try run(change + [wanted])
    guard native.status == 0 else { throw Skip("not here: \(native.lines.last ?? "")") }
    try supervised(
        bench, source: source, at: "mnt-\(step)", script.options,
        environment: ["FOLIOFS_STOP_AT": "\(script.operation).\(step)"]
    ) { mount, server in
        let first = try server.next()
        let output = try makeFile(bench.directory + "/said-\(step)")
        defer { close(output) }
        let changer = try ChildProcess(change + [mount.path], output: output)
        try until("\(script.operation) has come to the step \(step)") {
            SupervisedServer.isStopped(first) || changer.hasEnded()
        }
        try expect(SupervisedServer.isStopped(first), "\(script.operation) never came to the step \(step)")
        kill(first, SIGKILL)
        guard let status = changer.wait(seconds: 20) else {
            throw Failure("\(script.operation) hangs when the daemon ends at the step \(step): \(mount.said)")
        }
        let said = readText(bench.directory + "/said-\(step)") ?? ""
        try expect(status == 0, "\(script.operation), the daemon ended at the step \(step): \(said)\n\(mount.said)")
        try expectEqual(
            try require(script.look, in: source), try require(script.look, in: wanted),
            "the source after \(script.operation), the daemon ended at the step \(step)")
        try expectEqual(
            try require(script.look, in: mount.path), try require(script.look, in: wanted),
            "the mount after \(script.operation), the daemon ended at the step \(step)")
    }
}

/// Has a directory, files, mappings, locks and a listing, and looks at each after each of a number of kills.
private let program = """
    import fcntl, mmap, os, signal, sys, threading, time
    place, source, supervisor, kills = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    os.chdir(place + '/dir/deep')
    kept = os.open(place + '/kept', os.O_RDWR | os.O_CREAT, 0o644)
    gone = os.open(place + '/gone', os.O_RDWR | os.O_CREAT, 0o644); os.write(gone, b'unlinked'); os.unlink(place + '/gone')
    log = os.open(place + '/log', os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    big = os.open(place + '/big', os.O_RDONLY); mapped = mmap.mmap(big, 3 << 20, prot=mmap.PROT_READ)
    written = os.open(place + '/written', os.O_RDWR | os.O_CREAT, 0o644); os.ftruncate(written, 1 << 20)
    stored = mmap.mmap(written, 1 << 20)
    exclusive = os.open(place + '/flock', os.O_RDWR | os.O_CREAT, 0o644); fcntl.flock(exclusive, fcntl.LOCK_EX)
    ranged = os.open(place + '/lockf', os.O_RDWR | os.O_CREAT, 0o644); fcntl.lockf(ranged, fcntl.LOCK_EX, 10, 5)
    os.mkdir(place + '/leaving'); there = os.open(place + '/leaving', os.O_RDONLY); os.rmdir(place + '/leaving')
    whole = open(source + '/big', 'rb').read()
    waits, pauses, lines = [], [], b''
    def refused(take):
        f = os.open(place + take[0], os.O_RDWR)
        try: take[1](f)
        except OSError as e: return e.errno == 11
        finally: os.close(f)
    def child(test):
        pid = os.fork()
        if pid == 0: os._exit(0 if test() else 9)
        return os.waitpid(pid, 0)[1] == 0
    for number in range(kills):
        listing = os.scandir(place + '/dir'); names = [next(listing).name for i in range(37)]
        pid = int(open('/proc/%d/task/%d/children' % (supervisor, supervisor)).read().split()[0])
        begun = time.monotonic(); os.kill(pid, signal.SIGKILL)
        assert not os.path.exists('../none%d' % number) and os.stat('../f7').st_size == 2
        pauses.append(time.monotonic() - begun)
        names += [entry.name for entry in listing]
        assert len(names) == 301 and len(set(names)) == 301, (number, len(names), len(set(names)))
        assert os.getcwd() == place + '/dir/deep' and os.listdir('.') == []
        os.pwrite(kept, b'%04d' % number, 4 * number); assert os.pread(kept, 4, 4 * number) == b'%04d' % number
        assert os.pread(gone, 8, 0) == b'unlinked' and os.fstat(gone).st_nlink == 0
        os.pwrite(gone, b'%08d' % number, 8); assert os.pread(gone, 8, 8) == b'%08d' % number
        line = b'line %d\\n' % number; os.write(log, line); lines += line
        assert open(source + '/log', 'rb').read() == lines
        assert mapped[number * 4096:number * 4096 + 9000] == whole[number * 4096:number * 4096 + 9000]
        stored[number * 4096:number * 4096 + 4] = b'%04d' % number
        assert os.fstat(there).st_nlink == 0 and os.listdir(there) == []
        assert child(lambda: refused(('/flock', lambda f: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)))), 'flock lost'
        assert child(lambda: refused(('/lockf', lambda f: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 9)))), 'lock lost'
        assert child(lambda: not refused(('/lockf', lambda f: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 5, 0)))), 'lock grown'
        # A file of the source that was changed meanwhile.
        open(source + '/dir/f9', 'w').write('x' * (number + 1))
        limit = time.monotonic() + 5
        while os.stat('../f9').st_size != number + 1: assert time.monotonic() < limit, 'a change is not seen'
    stored.flush(); data = open(source + '/written', 'rb').read()
    for number in range(kills): assert data[number * 4096:number * 4096 + 4] == b'%04d' % number
    fcntl.flock(exclusive, fcntl.LOCK_UN); fcntl.lockf(ranged, fcntl.LOCK_UN)
    assert child(lambda: not refused(('/flock', lambda f: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)))), 'flock left'
    assert child(lambda: not refused(('/lockf', lambda f: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 9)))), 'lock left'
    pauses.sort(); print('pause: median %.0f ms, worst %.0f ms' % (pauses[len(pauses) // 2] * 1000, pauses[-1] * 1000))
    """

/// Changes that wait for a frozen source in a server that is killed, and in the next one: threads of both go on at once.
private let lateChanges = #"""
    import os, signal, subprocess, sys, time
    mount, source, supervisor = sys.argv[1:]
    changes = {
        "mkdir": lambda d: os.mkdir(d + "/new"),
        "create": lambda d: os.close(os.open(d + "/new", os.O_CREAT | os.O_EXCL | os.O_WRONLY)),
        "symlink": lambda d: os.symlink("target", d + "/new"),
        "mknod": lambda d: os.mkfifo(d + "/new"),
        "link": lambda d: os.link(d + "/old", d + "/new"),
        "unlink": lambda d: os.unlink(d + "/old"),
        "rmdir": lambda d: os.rmdir(d + "/olddir"),
        "rename": lambda d: os.rename(d + "/old", d + "/new"),
        "setxattr": lambda d: os.setxattr(d + "/old", "user.new", b"value", os.XATTR_CREATE),
        "append": lambda d: os.write(appended, b" and more"),
    }
    for name in changes:
        os.makedirs(f"{mount}/{name}/olddir")
        with open(f"{mount}/{name}/old", "w") as file: file.write("text")
    appended = os.open(mount + "/append/old", os.O_WRONLY | os.O_APPEND)

    def server():
        with open(f"/proc/{supervisor}/task/{supervisor}/children") as children: found = children.read().split()
        # The last one: the first is not over as long as a thread of it is not.
        return found[-1] if found else None

    def waiting(process):
        count = 0
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/wchan") as file: count += file.read() == "percpu_rwsem_wait"
        return count

    def until(condition):
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, (server(), waiting(server()))
            time.sleep(0.01)

    first = server()
    subprocess.run(["fsfreeze", "--freeze", source], check=True)
    try:
        callers = {}
        for name, change in changes.items():
            process = os.fork()
            if process == 0:
                try:
                    change(f"{mount}/{name}")
                    os._exit(0)
                except OSError as error:
                    print(f"{name}: {error}", flush=True)
                    os._exit(1)
            callers[name] = process
        until(lambda: waiting(first) == len(changes))
        os.kill(int(first), signal.SIGKILL)
        until(lambda: server() not in (None, first) and waiting(server()) == len(changes))
        assert waiting(first) == len(changes), "the first server's threads are gone"
    finally:
        subprocess.run(["fsfreeze", "--unfreeze", source], check=True)
    wrong = [name for name, process in callers.items() if os.waitpid(process, 0)[1] != 0]
    assert not wrong, wrong
    usual = {"old", "olddir"}
    found = {name: set(os.listdir(f"{source}/{name}")) for name in changes}
    for name in ("mkdir", "create", "symlink", "mknod", "link"): assert found[name] == usual | {"new"}, (name, found[name])
    assert found["unlink"] == {"olddir"} and found["rmdir"] == {"old"} and found["rename"] == {"new", "olddir"}, found
    assert os.path.isdir(source + "/mkdir/new") and os.readlink(source + "/symlink/new") == "target"
    assert os.stat(source + "/link/old").st_nlink == 2
    assert os.getxattr(source + "/setxattr/old", "user.new") == b"value"
    with open(source + "/append/old") as file: assert file.read() == "text and more"
    assert {name: set(os.listdir(f"{mount}/{name}")) for name in changes} == found
    """#
