/// One file, two ways to it: what is written one way is what is read the other way.
let coherenceCases: [TestCase] = ["native", "staged", "plain"].flatMap { route in
    [
        coherence(
            "a write through the mount is in the source when it returns", route,
            """
            m = mmap.mmap(os.open(M, os.O_RDONLY), 0, prot=mmap.PROT_READ); same(m[:4], b"aaaa")
            w = os.open(M, os.O_WRONLY)
            for at in (0, 4095, 2097150, 4000000):
                os.pwrite(w, b"NEW%d" % at, at); n = len(b"NEW%d" % at)
                same(source(at, n), b"NEW%d" % at); same(m[at:at + n], b"NEW%d" % at); same(mount(at, n), b"NEW%d" % at)
            os.fsync(w); same(digest(S), digest(M))
            """),
        coherence(
            "a mapped reader sees what another process writes", route,
            """
            m = mmap.mmap(os.open(M, os.O_RDONLY), 0, prot=mmap.PROT_READ); same(m[2500000:2500004], b"aaaa")
            subprocess.check_call(["dd", "if=/dev/stdin", "of=" + M, "bs=5", "seek=500000", "conv=notrunc", "status=none"], stdin=feed(b"HELLO"))
            same(m[2500000:2500005], b"HELLO"); same(source(2500000, 5), b"HELLO")
            """),
        coherence(
            "a source replaced underneath is what opens read soon", route,
            """
            same(mount(0, 4), b"aaaa"); held = os.open(M, os.O_RDONLY); m = mmap.mmap(held, 0, prot=mmap.PROT_READ); same(m[100:101], b"a")
            open(S + ".new", "wb").write(b"b" * 4000000); os.rename(S + ".new", S)
            within(lambda: mount(0, 4) == b"bbbb"); same(os.stat(M).st_size, 4000000); same(digest(M), digest(S)); same(os.pread(held, 4, 0), b"aaaa")
            """),
        coherence(
            "a source changed in place underneath is what the next open reads", route,
            """
            same(mount(0, 4), b"aaaa"); same(mount(3000000, 2), b"aa")
            s = os.open(S, os.O_WRONLY); os.pwrite(s, b"XY", 3000000); os.close(s)
            same(mount(3000000, 2), b"XY"); same(digest(M), digest(S))
            """),
        coherence(
            "a source changed underneath while it is mapped is what the next open reads", route,
            """
            held = os.open(M, os.O_RDONLY); m = mmap.mmap(held, 0, prot=mmap.PROT_READ); same(m[3000000:3000002], b"aa")
            s = os.open(S, os.O_WRONLY); os.pwrite(s, b"XY", 3000000); os.ftruncate(s, 4500000); os.close(s)
            same(mount(3000000, 2), b"XY"); within(lambda: os.stat(M).st_size == 4500000); same(digest(M), digest(S))
            """),
        coherence(
            "an append while it is mapped", route,
            """
            fd = os.open(M, os.O_RDONLY); m = mmap.mmap(fd, 0, prot=mmap.PROT_READ); same(len(m), 5000000)
            with open(M, "ab") as f: f.write(b"tail" * 300000)
            same(os.fstat(fd).st_size, 6200000); same(os.pread(fd, 4, 6199996), b"tail"); same(source(6199996, 4), b"tail")
            n = mmap.mmap(fd, 0, prot=mmap.PROT_READ); same(n[5000000:5000004], b"tail"); same(n[6199996:], b"tail"); same(m[4999999:5000000], b"a"); same(digest(M), digest(S))
            """),
        coherence(
            "a source that shrinks and grows underneath", route,
            """
            same(mount(0, 2), b"aa"); os.truncate(S, 1000); within(lambda: len(open(M, "rb").read()) == 1000); within(lambda: os.stat(M).st_size == 1000)
            open(S, "ab").write(b"z" * 3000000); within(lambda: os.stat(M).st_size == 3001000); same(digest(M), digest(S))
            """),
        coherence(
            "names that come and go underneath", route,
            """
            D, d = os.path.dirname(M), os.path.dirname(S); same(os.path.exists(D + "/other"), False); open(d + "/other", "w").write("x"); within(lambda: os.path.exists(D + "/other")); same(open(D + "/other").read(), "x")
            os.rename(d + "/other", d + "/third"); within(lambda: not os.path.exists(D + "/other") and os.path.exists(D + "/third")); same(open(D + "/third").read(), "x"); os.mkdir(d + "/dir"); within(lambda: sorted(os.listdir(D)) == ["dir", "file", "third"])
            os.chmod(S, 0o600); within(lambda: os.stat(M).st_mode & 0o777 == 0o600); os.unlink(d + "/third"); within(lambda: not os.path.exists(D + "/third"))
            """),
    ]
}

private func coherence(_ name: String, _ route: String, _ steps: String) -> TestCase {
    TestCase("Coherence/\(route), \(name)") { bench in
        let source = try bench.make("source")
        try require("head -c 5000000 /dev/zero | tr '\\0' a > file; sync file", in: source)
        try served(bench, source: source, ["--route", route]) { mount in
            let said = try bash(
                """
                python3 - "$S/file" "$M/file" <<'END'
                import hashlib, mmap, os, subprocess, sys, time
                S, M = sys.argv[1:3]
                def same(found, wanted):
                    if found != wanted: raise SystemExit("line %d: found %r, wanted %r" % (sys._getframe(1).f_lineno - 24, found, wanted))
                def part(path, at, count):
                    fd = os.open(path, os.O_RDONLY)
                    try: return os.pread(fd, count, at)
                    finally: os.close(fd)
                def source(at, count): return part(S, at, count)
                def mount(at, count): return part(M, at, count)
                def digest(path): return hashlib.sha256(open(path, "rb").read()).hexdigest()
                def feed(data):
                    r, w = os.pipe(); os.write(w, data); os.close(w); return r
                def within(condition):
                    end = time.monotonic() + 2
                    while not condition():
                        if time.monotonic() > end: raise SystemExit("line %d: not so after 2 s" % (sys._getframe(1).f_lineno - 24))
                        time.sleep(0.01)


                # What follows starts as line 1.



                \(steps.split(separator: "\n").joined(separator: "\n                "))
                END
                """.split(separator: "\n", omittingEmptySubsequences: false)
                    .map { $0.hasPrefix("                ") ? String($0.dropFirst(16)) : String($0) }
                    .joined(separator: "\n"),
                environment: ["S": source, "M": mount.path])
            try expect(said.status == 0, "\(said.text)of:\n\(steps)")
            let status = try JSON(bench.cli("status", mount.path, "--json").text)
            try expect((status["routes"]?[route]?.number ?? 0) > 0, "no file was served by route \(route)")
        }
    }
}
