import CLinuxShims
import Glibc

/// No name, link, handle or race leads out of the source.
let escapeCases: [TestCase] = [
    TestCase("Escapes/directories and symbolic links that swap, underneath and through the mount", limit: 120) {
        bench in
        let arena = try EscapeArena(bench)
        let before = try arena.print()
        try served(bench, source: arena.source, at: arena.mountpoint) { mount in
            let seconds = ChildProcess.environment["ESCAPE_SECONDS"].flatMap(Double.init) ?? 8
            let counts = try arena.run(mount.path, seconds: seconds, seed: UInt64(Clock.now() * 1000))
            try expectEqual(try arena.print(), before, "what is outside")
            try expectEqual(
                try require("cat x y sub/x ONLY-OUTSIDE", in: arena.outside), "SECRET\nSECRET\nSECRET\nSECRET\n",
                "what is outside")
            for call in [
                "exchange", "read", "list", "create", "unlink", "mkdir", "rename", "chmod", "setxattr", "link",
                "utimens",
            ] {
                try expect((counts[call] ?? 0) > 10, "\(call) succeeded only \(counts[call] ?? 0) times of \(counts)")
            }
        }
    },
    TestCase("Escapes/a directory that is moved out while it is somebody's has no way to its new parent") { bench in
        let arena = try EscapeArena(bench)
        try served(bench, source: arena.source, at: arena.mountpoint) { mount in
            let said = try bash(
                """
                cd d/e/sub; exec 3< ..; mv "$S/d/e" "$O/moved"
                echo up > ../../up; mkdir ../../updir; cat ../../x; ls ../..; cat ../ONLY-OUTSIDE ../../ONLY-OUTSIDE /proc/self/fd/3/../ONLY-OUTSIDE /proc/self/fd/3/../x
                rm -rf ../../sub ../../ONLY-OUTSIDE; mv ../../x ../../z; ln ../../y ../../h; chmod 0 ../..
                """, in: mount.path, environment: ["S": arena.source, "O": arena.outside])
            try expect(!said.text.contains("SECRET") && !said.text.contains("ONLY-OUTSIDE\n"), said.text)
            try expectEqual(
                try require("ls; stat -c %a .; cat x y sub/x ONLY-OUTSIDE", in: arena.outside),
                "ONLY-OUTSIDE\nmoved\nsub\nx\ny\n755\nSECRET\nSECRET\nSECRET\nSECRET\n", "what is outside")
            // By its name it is not found any more.
            try until("d/e is not found after it was moved out", seconds: 5) {
                access(mount.path + "/d/e/x", F_OK) != 0
            }
        }
    },
    TestCase("Escapes/the parent of the root is not the source's") { bench in
        let arena = try EscapeArena(bench)
        try served(bench, source: arena.source, at: arena.mountpoint) { mount in
            try expectEqual(
                try require("stat -c %i ..; stat -c %i ../..", in: mount.path),
                try require("stat -c %i \"$M/..\" \"$M/../..\"", environment: ["M": mount.path]), "the parents")
            let said = try bash("ls ..; cat ../outside/x; cat link/x; cat a/sly; cat a/way/x; ls d/l/", in: mount.path)
            try expect(!said.text.contains("SECRET"), said.text)
        }
    },
    TestCase("Escapes/file handles that nobody was given") { bench in
        let arena = try EscapeArena(bench)
        try served(bench, source: arena.source, at: arena.mountpoint) { mount in
            let root = open(mount.path, O_RDONLY | O_CLOEXEC)
            let file = open(mount.path + "/a/x", O_RDONLY | O_CLOEXEC)
            defer { for descriptor in [root, file] { close(descriptor) } }
            var handle = folio_handle()
            try expectEqual(folio_file_handle(file, &handle), 0, "name_to_handle_at")
            let good = handle
            var random = CrashRandom(state: 1)
            for attempt in 0..<4000 {
                handle = good
                let size = Int(handle.size)
                withUnsafeMutableBytes(of: &handle.bytes) { bytes in
                    switch attempt % 4 {
                    // Near the right one, as the addresses of other objects are.
                    case 0: bytes[0] = UInt8(truncatingIfNeeded: attempt / 4)
                    case 1: bytes[1] = UInt8(truncatingIfNeeded: random.next())
                    case 2: for place in 0..<size { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
                    default: bytes[8 + attempt / 4 % 4] &+= 1
                    }
                }
                let opened = folio_open_handle(root, &handle, O_RDONLY)
                if opened >= 0 { close(opened) }
            }
            handle = good
            let again = folio_open_handle(root, &handle, O_RDONLY)
            if again >= 0 { close(again) }
            try expect(!mount.daemon.hasEnded(), "the daemon died: \(mount.said)")
            try expectEqual(try require("cat a/x", in: mount.path), "inside\n", "a file afterwards")
        }
    },
    TestCase("Escapes/a path given to the control socket") { bench in
        let arena = try EscapeArena(bench)
        try served(bench, source: arena.source, at: arena.mountpoint) { mount in
            let minor = try unwrap(MountPoint.at(mount.path)).minor
            let said = try run([
                "python3", "-c",
                """
                import json, socket, sys
                for path in ("../outside/x", "link/x", "a/way/x", "a/sly", "/etc/passwd", "a/../../outside/x", "../" * 40 + "etc/passwd", "/proc/self/root/etc/passwd"):
                    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(json.dumps({"command": "promote", "path": list(path.encode())}).encode() + b"\\n")
                    answer = s.makefile().read(); print(path, "EXDEV" in answer or "ENOENT" in answer or "ELOOP" in answer, answer if "result" in answer else "")
                """, "/run/foliofs/0:\(minor)",
            ])
            try expectEqual(said.lines.filter { $0.hasSuffix(" True ") }.count, 8, said.text)
        }
        try expectEqual(
            try require("stat -c %X x", in: arena.outside), try require("date -d 2001-01-01 +%s"),
            "atime of what is outside")
    },
]
