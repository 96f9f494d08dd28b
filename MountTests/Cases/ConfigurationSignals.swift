/// What SIGHUP means to a server with a terminal, and where one without says what it has to say.
let configurationSignalCases: [TestCase] = [
    TestCase("Configuration/SIGHUP reloads a server in the foreground, and ends it when its terminal is gone") {
        bench in
        let source = try bench.make("source")
        let mountpoint = try bench.make("mnt")
        try require(
            """
            cat > server.py <<'END'
            import json, os, pty, select, signal, subprocess, sys
            program, source, mountpoint, config = sys.argv[1:]
            def write(name):
                with open(config, "w") as file: file.write(f'[[rule]]\\nname = "{name}"\\npromote = "never"\\n')
            def rules():
                answer = subprocess.run([program, "status", mountpoint, "--json"], capture_output=True, check=True)
                return [rule["rule"] for rule in json.loads(answer.stdout)["rules"]]
            write("first")
            server, terminal = pty.fork()
            if server == 0:
                os.execv(program, [program, "mount", source, mountpoint, "--foreground", "--config", config])
            table = open("/proc/self/mounts")
            changes = select.poll()
            changes.register(table, select.POLLPRI)
            def isMounted():
                table.seek(0)
                return any(line.split()[1] == mountpoint for line in table)
            while not isMounted(): changes.poll(20000)
            while not os.path.ismount(mountpoint) or "first" not in rules(): pass
            write("second")
            os.kill(server, signal.SIGHUP)
            while "second" not in rules(): pass
            os.close(terminal)
            _, status = os.waitpid(server, 0)
            assert status == 0 and not isMounted(), f"ended with {status}, mounted: {isMounted()}"
            END
            timeout 40 python3 server.py "$FOLIOFS" "$S" "$M" "$PWD/foliofs.conf"
            """, in: bench.directory, environment: ["FOLIOFS": bench.foliofs, "S": source, "M": mountpoint])
    },
    TestCase("Configuration/a server in the background tells the system's log of a file that it refused") { bench in
        let source = try bench.make("source")
        let mountpoint = try bench.make("mnt")
        try require(
            """
            cat > log.py <<'END'
            import signal, socket, subprocess, sys
            program, source, mountpoint, config = sys.argv[1:]
            log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            log.bind("/dev/log")
            log.settimeout(20)
            def write(text):
                with open(config, "w") as file: file.write(text)
            write("")
            subprocess.run([program, "mount", source, mountpoint, "--config", config], check=True)
            write("stage-limt = 1\\nwatch = 3\\n")
            answer = subprocess.run([program, "reload", mountpoint], capture_output=True, text=True)
            subprocess.run([program, "unmount", mountpoint], check=True)
            assert answer.returncode == 1, answer
            said = log.recv(4096).decode() + log.recv(4096).decode()
            for words in [f"{config}:1:1: unknown key", f"{config}:2:9: watch is a string"]:
                assert words in said and words in answer.stderr, (words, said, answer.stderr)
            END
            mkdir devices
            cp -a /dev/null /dev/fuse devices/
            unshare --mount bash -euc 'mount --bind devices /dev; python3 log.py "$FOLIOFS" "$S" "$M" "$PWD/foliofs.conf"'
            """, in: bench.directory, environment: ["FOLIOFS": bench.foliofs, "S": source, "M": mountpoint])
    },
]
