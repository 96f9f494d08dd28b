import Glibc

/// Sources whose files have no handles that open: what the mount does is what the source does.
let sourceWithoutHandlesCases: [TestCase] = [
    namesFollowed("ramfs") { bench in
        let source = try bench.make("source")
        try require("mount -t ramfs none .", in: source)
        return source
    },
    namesFollowed("overlay") { bench in
        try overlay(bench, "")
    },
    namesFollowed("overlay of two filesystems without numbers of its own") { bench in
        try overlay(bench, ",xino=off")
    },
    namesFollowed("bindfs") { bench in
        guard try bash("command -v bindfs").status == 0 else { throw Skip("no bindfs; make deps installs it") }
        let (below, source) = (try bench.make("below"), try bench.make("source"))
        try require("bindfs \"$B\" \"$S\"", environment: ["B": below, "S": source])
        return source
    },
    TestCase("SourcesWithoutHandles/a file written to is the same file after overlayfs has copied it up") { bench in
        let source = try overlay(bench, ",xino=off")
        try served(bench, source: source) { mount in
            try require(
                """
                exec 8<> low && echo MORE >&8 && chmod 640 low && exec 8>&-
                test "$(cat low) $(stat -c %a:%s low)" = "MORE 640:5" && cmp low "$S/low"
                echo end >> lowdir/file && test "$(cat "$S/lowdir/file")" = "$(printf 'low\\nend')"
                rm low && mv lowdir/file lowdir/moved && cat lowdir/moved && test "$(ls "$S" "$S/lowdir")" = "$(ls . lowdir)" || \
                test "$(cd "$S"; find . | sort)" = "$(find . | sort)"
                """, in: mount.path, environment: ["S": source])
        }
    },
    TestCase("SourcesWithoutHandles/another file that took a name underneath is never taken for the one before") {
        bench in
        let source = try bench.make("source")
        try require("mount -t ramfs none .", in: source)
        try require("echo one > a && mkdir d && echo in > d/f", in: source)
        try served(bench, source: source, ["--no-passthrough"]) { mount in
            let held = open(mount.path + "/a", O_RDONLY | O_CLOEXEC)
            let directory = open(mount.path + "/d", O_RDONLY | O_CLOEXEC)
            try expect(held >= 0 && directory >= 0, "cannot open")
            defer {
                close(held)
                close(directory)
            }
            try require("mv a b; echo other > a; chmod 604 a; mv d e; mkdir d", in: source)
            // What is open is reached by the descriptor that the daemon has of it, whatever has its name.
            try expect(fchmod(held, 0o600) == 0, "fchmod of the old file: errno \(errno)")
            try expectEqual(try require("stat -c %a a b", in: source), "604\n600\n", "the modes of both")
            // A directory whose descriptor is there is followed wherever it goes.
            try expect(faccessat(directory, "f", F_OK, 0) == 0, "the directory was not followed: errno \(errno)")
        }
    },
    TestCase("SourcesWithoutHandles/a deep tree is reached by names, and moves as a whole") { bench in
        var limit = rlimit(rlim_cur: 400, rlim_max: 400)
        try expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, "cannot limit descriptors")
        let source = try bench.make("source")
        try require("mount -t ramfs none .", in: source)
        try served(bench, source: source) { mount in
            let outcome = try bash(
                """
                exec python3 - <<'END'
                import os
                here = os.open(".", os.O_RDONLY)
                for depth in range(600):
                    os.mkdir("d", dir_fd=here); down = os.open("d", os.O_RDONLY, dir_fd=here); os.close(here); here = down
                f = os.open("file", os.O_RDWR | os.O_CREAT, 0o600, dir_fd=here)
                # More directories than the daemon has descriptors: those of the deep tree are closed.
                for i in range(600): os.mkdir("w%d" % i); os.listdir("w%d" % i)
                os.rename("d", "w7/moved")
                os.write(f, b"x" * 5); os.fchmod(f, 0o644)
                assert os.fstat(f).st_size == 5
                os.rename("file", "other", src_dir_fd=here, dst_dir_fd=here)
                os.fchmod(f, 0o640)
                assert os.stat("other", dir_fd=here).st_mode & 0o777 == 0o640
                END
                """, in: mount.path)
            try expect(outcome.status == 0, outcome.text)
        }
        try expect(
            try require("find . -depth -name other -perm 640 | wc -l", in: source) == "1\n", "the file is not there")
    },
]

/// An overlay of a lower directory on the case's own filesystem and an upper one on a tmpfs.
private func overlay(_ bench: Workbench, _ options: String) throws -> String {
    let source = try bench.make("source")
    let made = try bash(
        """
        mkdir -p lower/lowdir above && echo low > lower/low && echo low > lower/lowdir/file
        mount -t tmpfs none above && mkdir above/upper above/work
        mount -t overlay -o lowerdir=lower,upperdir=above/upper,workdir=above/work\(options) none source
        """, in: bench.directory)
    guard made.status == 0 else { throw Skip("cannot mount an overlay (\(made.lines.last ?? "")); needs overlayfs") }
    return source
}

/// Runs what changes names of what is open once on the source and once through the mount.
private func namesFollowed(_ name: String, _ source: @escaping @Sendable (Workbench) throws -> String) -> TestCase {
    TestCase("SourcesWithoutHandles/\(name)") { bench in
        let source = try source(bench)
        try require("mkdir native mounted", in: source)
        let native = try bash(script, in: source + "/native")
        try served(bench, source: source) { mount in
            let mounted = try bash(script, in: mount.path + "/mounted")
            try expectEqual(mounted.text, native.text, "what the script said")
            try expectEqual(mounted.status, native.status, "how the script ended")
        }
        try require("umount \"$S\"", environment: ["S": source])
    }
}

private let script = """
    mkdir -p d/e && echo one > d/e/a && mv d x && cat x/e/a
    exec 5< x/e/a; rm x/e/a; cat <&5; stat -L -c 'links %h' /proc/self/fd/5; exec 5<&-
    echo two > b; ln b c; rm b; cat c; echo three >> c; cat c; stat -c %h c
    echo p > p; echo q > q; exec 6<p 7<q; mv p q; cat q; cat <&6; cat <&7; exec 6<&- 7<&-
    python3 - <<'END'
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    for name in "12": open(name, "w").write(name)
    f, g = os.open("1", os.O_RDWR), os.open("2", os.O_RDWR)
    print(libc.renameat2(-100, b"1", -100, b"2", 2), ctypes.get_errno(), open("1").read(), open("2").read())
    os.fchmod(f, 0o640); os.fchmod(g, 0o604)
    print([oct(os.stat(name).st_mode) for name in "12"])
    for name in "12": os.unlink(name)
    os.fchmod(g, 0o600); os.write(g, b"zz"); os.fsync(g)
    print(oct(os.fstat(g).st_mode), os.fstat(g).st_nlink, os.pread(g, 9, 0))
    d = os.open("x", os.O_RDONLY); os.rename("x", "y"); print(os.listdir(d))
    os.mkdir("z"); h = os.open("y/e", os.O_RDONLY); os.rename("y", "z/y"); print(os.listdir(h))
    open("z/y/e/n", "w").write("n"); print(os.listdir(h), open("z/y/e/n").read())
    os.rename("z/y/e/n", "n"); os.rmdir("z/y/e"); print(os.listdir(h), os.fstat(h).st_nlink)
    try: open("/proc/self/fd/%d/new" % h, "w")
    except OSError as e: print(e.errno)
    try: os.rename("z", "z/y/inside")
    except OSError as e: print(e.errno)
    END
    mkdir t; for i in $(seq 300); do echo $i > t/f$i; done; ls t | wc -l; tar -cf - t | tar -tf - | wc -l
    rm -rf t; find . | sort
    """
