import Glibc

/// What a service manager hears of a server in the foreground: sd_notify(3).
let serviceCases: [TestCase] = [
    TestCase("Service/told when the mount answers and, as long as it does, that it still does") { bench in
        try heard(bench, by: "/tmp/foliofs-test-notify")
    },
    TestCase("Service/told by a socket without a file") { bench in
        try heard(bench, by: "@foliofs-test-of-the-service-manager")
    },
    TestCase("Service/a watchdog that is meant for another process hears nothing") { bench in
        try service(
            bench, by: "/tmp/foliofs-test-notify",
            """
            server = start(WATCHDOG_USEC="50000", WATCHDOG_PID="1")
            assert hear().startswith("READY=1")
            unmount()
            assert server.wait(20) == 0
            listening.setblocking(False)
            try: assert False, hear()
            except BlockingIOError: pass
            """)
    },
    TestCase("Service/a supervised server that ends, hangs or is replaced is no end of the service") { bench in
        try service(
            bench, by: "/tmp/foliofs-test-notify",
            """
            server = start("--supervised", WATCHDOG_USEC="2000000")
            hear_ready()
            held = open(mountpoint + "/file")
            os.kill(daemons()[0], signal.SIGKILL)
            hear_ready()
            # One that answers nothing any more; the manager goes on hearing from who replaces it.
            os.kill(daemons()[0], signal.SIGSTOP)
            assert hear() == "WATCHDOG=1"
            hear_ready()
            subprocess.run([program, "restart", mountpoint], check=True)
            hear_ready()
            for _ in range(3): assert hear() == "WATCHDOG=1"
            assert held.read() == "content\\n"
            subprocess.run(["umount", "--lazy", mountpoint], check=True)
            held.close()
            assert server.wait(20) == 0
            """)
    },
    TestCase("Service/a server all of whose threads wait for the source does not hang", limit: 90) { bench in
        let source = try bench.loop("mkfs.ext4 -q -F", megabytes: 64, name: "frozen")
        try waits(
            bench, for: source, hold: #"subprocess.run(["fsfreeze", "--freeze", source], check=True)"#,
            letGo: #"subprocess.run(["fsfreeze", "--unfreeze", source], check=True)"#,
            callers: #"[["touch", f"{mountpoint}/made{n}"] for n in range(40)]"#)
        try require("umount \"$S\"", environment: ["S": source])
    },
    TestCase("Service/a server whose source answers nothing does not hang", limit: 90) { bench in
        guard try bash("command -v bindfs").status == 0 else { throw Skip("no bindfs; make deps installs it") }
        let source = try bench.make("bound")
        let binder = try ChildProcess(["bindfs", "-f", bench.make("below"), source], output: 1)
        try until("bindfs has mounted") { MountPoint.at(source) != nil }
        try waits(
            bench, for: source, hold: "os.kill(\(binder.id), signal.SIGSTOP)",
            letGo: "os.kill(\(binder.id), signal.SIGCONT)", callers: #"[["cat", mountpoint + "/file"]]"#)
        try require("umount \"$S\"", environment: ["S": source])
    },
    TestCase("Service/the unit is right by systemd's own word") { bench in
        guard try bash("command -v systemd-analyze").status == 0 else {
            throw Skip("no systemd-analyze; apt-get install systemd")
        }
        let unit = try bench.make("units") + "/foliofs@.service"
        try require(
            """
            sed "s,@BINDIR@,$BINARIES,; s,@SYSCONFDIR@,/etc," "$REPOSITORY/packaging/systemd/foliofs@.service.in" > "$UNIT"
            said=$(systemd-analyze verify --man=no "$UNIT" 2>&1) && [ -z "$said" ] || { echo "$said"; exit 1; }
            """, in: bench.directory,
            environment: ["BINARIES": bench.binaries, "REPOSITORY": bench.repository, "UNIT": unit])
    },
]

/// A mount in the foreground tells a socket that it is ready, and goes on telling.
private func heard(_ bench: Workbench, by name: String) throws {
    try service(
        bench, by: name,
        """
        server = start(WATCHDOG_USEC="100000")
        first = hear()
        assert first == f"READY=1\\nSTATUS=Serving {mountpoint}", first
        assert os.path.ismount(mountpoint) and os.listdir(mountpoint) == ["file"]
        for _ in range(3):
            again = hear()
            assert again == "WATCHDOG=1", again
        # No child is to speak for the mount.
        with open(f"/proc/{server.pid}/environ") as file: assert "NOTIFY_SOCKET" in file.read()
        unmount()
        assert server.wait(20) == 0
        """)
}

/// A server whose source is held for four seconds, in Python, while programs wait for it, is heard all the while and goes on: supervised
/// or not.
private func waits(
    _ bench: Workbench, for source: String, hold: String, letGo: String, callers: String
) throws {
    for option in ["", "\"--supervised\", "] {
        try service(
            bench, by: "/tmp/foliofs-test-notify", source: source,
            """
            server = start(\(option)WATCHDOG_USEC="1000000")
            hear_ready()
            serving = daemons()
            \(hold)
            try:
                waiting = [subprocess.Popen(caller) for caller in \(callers)]
                end = time.monotonic() + 4
                while time.monotonic() < end: assert hear() == "WATCHDOG=1"
                assert all(caller.poll() is None for caller in waiting)
            finally:
                \(letGo)
            assert all(caller.wait(20) == 0 for caller in waiting)
            assert server.poll() is None and daemons() == serving
            unmount()
            assert server.wait(20) == 0
            """)
    }
}

/// Runs a Python script that plays the service manager.
private func service(_ bench: Workbench, by name: String, source: String? = nil, _ script: String) throws {
    let source = try source ?? bench.make("source")
    let mountpoint = try bench.make("mnt")
    defer { unlink(name) }
    try require("echo content > file", in: source)
    try require(
        """
        cat > manager.py <<'END'
        import os, signal, socket, subprocess, sys, time
        program, source, mountpoint, address = sys.argv[1:]
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("too slow"))
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # Where it is, as the path of the case's own directory is too long for a socket.
        if address[0] == "/" and os.path.exists(address): os.unlink(address)
        listening.bind("\\0" + address[1:] if address[0] == "@" else address)
        listening.settimeout(20)
        def hear(): return listening.recv(4096).decode()
        def unmount():
            # The mount may be asked something at that moment.
            while subprocess.run(["umount", mountpoint]).returncode: time.sleep(0.01)
        def hear_ready():
            while not hear().startswith("READY=1"): pass
        def daemons():
            with open(f"/proc/{server.pid}/task/{server.pid}/children") as children: return [int(word) for word in children.read().split()]
        def start(*options, **variables):
            return subprocess.Popen(
                [program, "mount", "--foreground", source, mountpoint, *options],
                env={**os.environ, "NOTIFY_SOCKET": address, **variables})
        \(script)
        END
        timeout 40 python3 manager.py "$FOLIOFS" "$S" "$M" "$ADDRESS"
        """, in: bench.directory,
        environment: ["FOLIOFS": bench.foliofs, "S": source, "M": mountpoint, "ADDRESS": name])
}
