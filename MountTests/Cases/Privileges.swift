import Glibc

/// What the daemon keeps, and what others can get of it.
let privilegeCases: [TestCase] = [
    TestCase("Privileges/every thread of the daemon keeps the capabilities it needs and no other") { bench in
        let source = try bench.make("source")
        try served(bench, source: source) { mount in
            // Requests by root and by others have been handled, by several threads.
            try require(
                """
                chmod 777 .; for i in 1 2 3 4; do setpriv --reuid 4242 --regid 4242 --clear-groups bash -c "mkdir d$i; echo $i > d$i/f; setfattr -n user.a -v b d$i/f" & done; wait
                """, in: mount.path)
            let threads = try require("cat /proc/\(mount.daemon.id)/task/*/status").split(separator: "\n")
            for (name, allowed) in [
                ("CapPrm", neededCapabilities), ("CapEff", neededCapabilities), ("CapBnd", neededCapabilities),
                ("CapInh", 0), ("CapAmb", 0),
            ] {
                let found = threads.filter { $0.hasPrefix(name + ":") }
                try expect(found.count > 1, "only \(found.count) threads")
                for line in found {
                    let set = UInt64(line.split(separator: "\t")[1], radix: 16) ?? .max
                    try expect(set & ~allowed == 0, "\(line) has bits beyond \(String(allowed, radix: 16))")
                }
            }
            for line in threads where line.hasPrefix("NoNewPrivs:") { try expectEqual(line.last, "1", "NoNewPrivs") }
        }
    },
    TestCase("Privileges/who owned a file that was given away on the source can change it no more") { bench in
        let source = try bench.make("source")
        try require("echo text > file; chown 4242:4242 file; chmod 644 file", in: source)
        try served(bench, source: source) { mount in
            let said = try run([
                "python3", "-c",
                """
                import os, sys
                mount, source = sys.argv[1:]
                file = os.open(mount + '/file', os.O_RDONLY); os.fstat(file)
                def attempt(name, change):
                    os.seteuid(4242)
                    try: change(); print(name, 'done')
                    except PermissionError: print(name, 'EPERM')
                    os.seteuid(0)
                attempt('chmod', lambda: os.fchmod(file, 0o640))
                attempt('times', lambda: os.utime(file, (1, 1)))
                os.chown(source + '/file', 4343, 4343)
                attempt('chmod', lambda: os.fchmod(file, 0o666))
                attempt('times', lambda: os.utime(file, (2, 2)))
                attempt('chown', lambda: os.fchown(file, -1, 4242))
                status = os.stat(source + '/file'); print(oct(status.st_mode & 0o7777), int(status.st_mtime), status.st_gid)
                """, mount.path, source,
            ])
            try expectEqual(
                said.text, "chmod done\ntimes done\nchmod EPERM\ntimes EPERM\nchown EPERM\n0o640 1 4343\n",
                "what 4242 may")
        }
    },
    TestCase("Privileges/root without what it takes is told so in one line") { bench in
        let source = try bench.make("source")
        let place = try bench.make("mnt")
        for extra in [[], ["--foreground"]] {
            let arguments = [bench.foliofs, "mount", source, place] + extra
            let bare = try run(["setpriv", "--bounding-set", "-sys_admin"] + arguments, timeout: 15)
            try expectEqual(bare.status, 4, "without CAP_SYS_ADMIN: \(bare.text)")
            try oneLine(bare, containing: place, "EPERM", "CAP_SYS_ADMIN")
            let odd = try run(arguments + ["-o", "max_read=abc"], timeout: 15)
            try expectEqual(odd.status, 1, "with an option that libfuse refuses: \(odd.text)")
            try oneLine(odd, containing: "max_read=abc")
            try expect(MountPoint.at(place) == nil, "mounted")
        }
    },
    TestCase("Privileges/others can neither trace the daemon nor look into it") { bench in
        let source = try bench.make("source")
        try require("echo secret > file", in: source)
        try served(bench, source: source) { mount in
            let attempts = """
                P=\(mount.daemon.id)
                for f in maps environ fd/0 map_files root cwd exe mem pagemap; do
                    case $f in map_files) ls /proc/$P/$f;; fd/0|root|cwd|exe) readlink /proc/$P/$f;; *) head -c 1 /proc/$P/$f > /dev/null;; esac && echo "GOT $f"
                done
                strace -p $P -e trace=none -o /dev/null & S=$!
                for i in 1 2 3 4 5 6 7 8 9 10; do grep -q "TracerPid:[[:space:]]*[1-9]" /proc/$P/status && echo GOT ptrace; kill -0 $S 2>/dev/null || break; read -t 0.05 < <(:); done
                kill $S 2>/dev/null; wait $S
                """
            for who in [
                ["setpriv", "--reuid", "4242", "--regid", "4242", "--clear-groups"],
                // Of the same user, without the capability that the kernel asks for what is not dumpable.
                ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"],
            ] {
                let said = try run(who + ["/bin/bash", "-c", attempts])
                try expect(!said.text.contains("GOT"), "\(who.joined(separator: " ")): \(said.text)")
            }
        }
    },
    TestCase("Privileges/the control socket is for root alone, and nobody can take its place") { bench in
        let source = try bench.make("source")
        // Whoever knows the name beforehand: an abstract one anybody can take, a path in a closed directory nobody.
        let squatter = try ChildProcess(
            [
                "setpriv", "--reuid", "4242", "--regid", "4242", "--clear-groups", "/usr/bin/python3", "-c",
                """
                import socket, time
                held = []
                for minor in range(1, 400):
                    for name in ("\\0foliofs/0:%d" % minor, "/run/foliofs/0:%d" % minor):
                        s = socket.socket(socket.AF_UNIX)
                        try: s.bind(name); s.listen(); held.append(s)
                        except OSError: pass
                print("ready", flush=True); time.sleep(1000)
                """,
            ], output: try makeFile(bench.directory + "/squatter"))
        defer { squatter.signal(SIGKILL) }
        try until("the squatter is ready") {
            readText(bench.directory + "/squatter")?.contains("ready") == true
        }
        try served(bench, source: source) { mount in
            let status = try bench.cli("status", mount.path, "--json")
            try expectEqual(status.status, 0, "status: \(status.text)")
            try expectEqual(try JSON(status.text)["source"]?.string, source, "whose answer it is")
            try expectEqual(try require("stat -c '%U %a' /run/foliofs"), "root 700\n", "/run/foliofs")
            let user = try OtherUser(bench)
            let refused = try user.bash("\"$FOLIOFS\" status \"$M\"", environment: ["M": mount.path])
            try expectEqual(refused.status, 1, "status by another user: \(refused.text)")
            try oneLine(refused, containing: "EACCES", "as root")
            let abstract = try require("cat /proc/net/unix").split(separator: "\n").filter {
                $0.contains("@foliofs/\(MountPoint.at(mount.path)?.minor ?? "none")$")
            }
            try expect(abstract.isEmpty, "an abstract socket that anybody reaches: \(abstract)")
        }
    },
    TestCase("Privileges/callers that say nothing do not keep others from being answered") { bench in
        let source = try bench.make("source")
        try served(bench, source: source) { mount in
            let minor = try unwrap(MountPoint.at(mount.path)).minor
            var silent: [Int32] = []
            defer { for socket in silent { close(socket) } }
            try until("the socket is there", seconds: 5) { exists("/run/foliofs/0:\(minor)") }
            for _ in 0..<50 { silent.append(try connected("/run/foliofs/0:\(minor)")) }
            let status = try bench.cli("status", mount.path, "--json", timeout: 20)
            try expectEqual(status.status, 0, "status beside 50 silent callers: \(status.text)")
        }
    },
    TestCase("Privileges/a socket left by a killed daemon does not stand in the way") { bench in
        let source = try bench.make("source")
        for _ in 0..<3 {
            let mount = try ServedMount(bench, source: source)
            mount.killAndRemove()
        }
        try served(bench, source: source) { mount in
            try expectEqual(try bench.cli("status", mount.path).status, 0, "status")
        }
    },
    TestCase("Privileges/others cannot reach staged copies") { bench in
        let source = try bench.make("source")
        try require("head -c 3M /dev/urandom > secret; chmod 600 secret; sync secret", in: source)
        let before = MountPoint.all().map(\.path)
        try served(bench, source: source, ["--route", "staged"]) { mount in
            try require("cat secret > /dev/null", in: mount.path)
            let status = try JSON(bench.cli("status", mount.path, "--json").text)
            try expect((status["stagedBytes"]?.number ?? 0) > 0, "nothing was staged")
            try expectEqual(
                MountPoint.all().map(\.path).filter { !before.contains($0) }, [mount.path], "what is mounted since")
            let user = try OtherUser(bench)
            let said = try user.bash(
                "cat \"$M/secret\" && echo GOT; ls /proc/\(mount.daemon.id)/fd && echo GOT; ls /proc/\(mount.daemon.id)/map_files && echo GOT; true",
                environment: ["M": mount.path])
            try expect(!said.text.contains("GOT"), said.text)
        }
    },
]

/// CAP_CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, SETGID, SETUID, LINUX_IMMUTABLE, SYS_ADMIN, MKNOD, SETFCAP.
private let neededCapabilities: UInt64 = [0, 1, 2, 3, 4, 6, 7, 9, 21, 23, 27, 28, 31].reduce(0) { $0 | 1 << $1 }

/// A new file to write to; the descriptor is left open.
func makeFile(_ path: String) throws -> Int32 {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Failure("cannot make \(path): \(String(cString: strerror(errno)))") }
    return file
}

/// A connection to a socket.
private func connected(_ path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard result == 0 else {
        close(descriptor)
        throw Failure("cannot connect to \(path): \(String(cString: strerror(errno)))")
    }
    return descriptor
}
