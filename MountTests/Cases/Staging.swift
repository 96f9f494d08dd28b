import Glibc

/// What the staging store does: once, in room, in time, and as far as there is memory.
let stagingCases: [TestCase] = [
    TestCase("Staging/what is PMD-mapped of a copy is not counted any more when the copy is thrown out") { bench in
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 4M /dev/urandom > one; cp one two; sync", in: source)
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "6M"]) { mount in
            for file in ["one", "two"] {
                try require("cat \(file) > /dev/null", in: mount.path)
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                try expectEqual(status["pmdMappedBytes"]?.number, 4_194_304, "PMD-mapped bytes after \(file)")
            }
            let said = try require("getfattr --only-values -n user.foliofs.pmd_mapped one two", in: mount.path)
            try expectEqual(said, "04194304", "of the files")
        }
    },
    TestCase("Staging/many opens of a file at once stage it once") { bench in
        let source = try bench.make("source")
        try require("head -c 67108864 /dev/urandom > file", in: source)
        try served(bench, source: source, ["--route", "staged"]) { mount in
            try require(
                "for i in 1 2 3 4 5 6 7 8; do sha256sum file & done | sort -u | wc -l | grep -qx 1; wait",
                in: mount.path)
            try require("ln file other && cmp file other", in: mount.path)
            try expectEqual(try counter("staged", bench, mount), 1, "copies made")
        }
    },
    TestCase("Staging/holes stay holes, also after somebody has mapped them") { bench in
        let source = try bench.make("source")
        try require(
            """
            truncate -s 512M file
            for at in 0 100 101 300; do dd if=/dev/urandom of=file bs=1M count=2 seek=$at conv=notrunc status=none; done
            """, in: source)
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "1G"]) { mount in
            try expectEqual(try bench.cli("promote", "--wait", mount.path + "/file").status, 0, "promote")
            let data = 12 << 20
            let before = try used(bench, mount)
            try expect(before >= 7 << 20 && before <= data, "\(before) bytes used for 8 MiB in five chunks")
            try sameBytes(source, mount.path, "file")
            try expect(try used(bench, mount) <= data, "reading holes took memory")
            try require("\"$T\" file", in: mount.path, environment: ["T": bench.touch])
            try until("its holes are holes again") { try used(bench, mount) <= data }
            try expectEqual(try counter("staged", bench, mount), 1, "copies made")
            try sameBytes(source, mount.path, "file")
        }
    },
    TestCase("Staging/copies of which somebody has collapsed the last chunk beyond the end give way as others do") {
        bench in
        let source = try bench.make("source")
        let collapse = """
            import ctypes, os, sys
            libc = ctypes.CDLL(None, use_errno=True)
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
            libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
            file, chunk = os.open(sys.argv[1], os.O_RDONLY), 2 << 20
            place = libc.mmap(None, 4 * chunk, 0, 0x22, -1, 0)
            place = libc.mmap((place + chunk - 1) // chunk * chunk, 2 * chunk, 1, 0x11, file, 0)
            if libc.madvise(place, 2 * chunk, 25) != 0: sys.exit("madvise: " + os.strerror(ctypes.get_errno()))
            """
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "20M"]) { mount in
            for number in 1...12 {
                try require("head -c 3145728 /dev/urandom > \(number)", in: source)
                try require("python3 -c \"$C\" \(number)", in: mount.path, environment: ["C": collapse])
                try sameBytes(source, mount.path, "\(number)")
            }
            try expectEqual(try counter("staged", bench, mount), 12, "copies made")
            try expectEqual(try counter("stagingRefusals", bench, mount), 0, "files without a copy")
        }
    },
    TestCase("Staging/the copy of a file that is removed goes, once nobody has it") { bench in
        let source = try bench.make("source")
        try require("for f in here there kept; do head -c 4194304 /dev/urandom > $f; done", in: source)
        try served(bench, source: source, ["--route", "staged"]) { mount in
            try require("cat here there > /dev/null", in: mount.path)
            let kept = open(mount.path + "/kept", O_RDONLY | O_CLOEXEC)
            try expect(kept >= 0, "kept cannot be opened")
            try expectEqual(try used(bench, mount), 12 << 20, "bytes used by three copies")
            try require("rm here", in: mount.path)
            try until("the copy of what the mount removed is gone") { try used(bench, mount) == 8 << 20 }
            try require("rm there kept", in: source)
            try until("the copy of what was removed underneath is gone") { try used(bench, mount) == 4 << 20 }
            var last: UInt8 = 0
            try expectEqual(pread(kept, &last, 1, 4194303), 1, "bytes read of what is open yet")
            close(kept)
            try until("the copy of what nobody has open any more is gone") { try used(bench, mount) == 0 }
        }
    },
    TestCase("Staging/what mapped holes could make larger than the limit is served from the source") { bench in
        let source = try bench.make("source")
        try require(
            "truncate -s 1T file && dd if=/dev/urandom of=file bs=1M count=8 seek=7000 conv=notrunc", in: source)
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "1G"]) { mount in
            try require(
                "dd if=\"$S/file\" bs=1M skip=6999 count=10 status=none | cmp - <(dd if=file bs=1M skip=6999 count=10 status=none)",
                in: mount.path, environment: ["S": source])
            try expectEqual(try counter("stagingTooLarge", bench, mount), 1, "refusals")
            try expectEqual(try used(bench, mount), 0, "bytes used")
        }
    },
    TestCase("Staging/what is larger than the limit of an open is served plain and staged behind for the next") {
        bench in
        let source = try bench.make("source")
        try require("head -c 50000000 /dev/urandom > file", in: source)
        try served(bench, source: source, ["--route", "staged", "--stage-sync-limit", "16M"]) { mount in
            try sameBytes(source, mount.path, "file")
            try until("it is staged behind") { try counter("stagedBehind", bench, mount) == 1 }
            try sameBytes(source, mount.path, "file")
            let status = try JSON(bench.cli("status", mount.path, "--json").text)
            try expectEqual(status["routes"]?["plain"]?.number, 1, "first opens served plain")
            try expectEqual(status["routes"]?["staged"]?.number, 1, "first opens served staged")
        }
    },
    TestCase("Staging/--prestage makes copies ahead of any open, as many as fit") { bench in
        let source = try bench.make("source")
        try require(
            "mkdir -p d/e && for f in a d/b d/e/c; do head -c 20000000 /dev/urandom > $f.dat; done; head -c 20000000 /dev/urandom > d/other",
            in: source)
        let options = ["--route", "staged", "--prestage", "*.dat"]
        try served(bench, source: source, options) { mount in
            try until("all three are there") { try counter("prestaged", bench, mount) == 3 }
            try sameBytes(source, mount.path, "d/e/c.dat")
            try expectEqual(try counter("staged", bench, mount), 3, "copies made")
        }
        try served(bench, source: source, at: "small", ["-o", "route=staged,prestage=*.dat,stage-limit=50M"]) { mount in
            try until("one does not fit") { try counter("stagingNoRoom", bench, mount) == 1 }
            try expectEqual(try counter("prestaged", bench, mount), 2, "copies made ahead")
            try expectEqual(try counter("evictions", bench, mount), 0, "copies thrown out")
        }
    },
    TestCase("Staging/a file that somebody writes is not staged, and that is counted") { bench in
        let source = try bench.make("source")
        try require("head -c 5000000 /dev/urandom > file", in: source)
        try served(bench, source: source, ["--route", "staged"]) { mount in
            try require("exec 3>>\"$S/file\"; cmp file \"$S/file\"", in: mount.path, environment: ["S": source])
            try expectEqual(try counter("stagingOpenForWriting", bench, mount), 1, "refusals for that")
            let promoted = try bash(
                "exec 3>>\"$S/file\"; \"$F\" promote --wait file", in: mount.path,
                environment: ["S": source, "F": bench.foliofs])
            try expect(promoted.status == 1 && promoted.text.contains("ETXTBSY"), promoted.text)
            try sameBytes(source, mount.path, "file")
            try expectEqual(try counter("staged", bench, mount), 1, "copies made once nobody writes")
        }
    },
    TestCase("Staging/opens go on where a copy in use cannot grow with its source") { bench in
        let source = try bench.make("source")
        try require("head -c 6000000 /dev/urandom > file", in: source)
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "8M"]) { mount in
            try require(
                """
                exec 3< file; head -c 4096 <&3 > /dev/null
                head -c 6000000 /dev/urandom >> "$S/file"
                cmp file "$S/file"
                """, in: mount.path, environment: ["S": source])
            try expectEqual(try counter("bypassed", bench, mount), 1, "opens sent to the source")
        }
    },
    TestCase("Staging/copies give way where the control group's memory is short, and that is said") { bench in
        let group = try controlGroup(megabytes: 600)
        defer { _ = try? bash("rmdir \"$G\"", environment: ["G": group]) }
        let source = try bench.make("source")
        try require(
            "for f in a b c d; do head -c 67108864 /dev/urandom > $f; done; sync; cat * > /dev/null", in: source)
        try require("echo \"$P\" > \"$G/cgroup.procs\"", environment: ["P": "\(getpid())", "G": group])
        // The group can only be removed when nobody is in it.
        defer { _ = try? bash("echo \"$P\" > \"$G/../cgroup.procs\"", environment: ["P": "\(getpid())", "G": group]) }
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "1G"]) { mount in
            try require("cat * > /dev/null", in: mount.path)
            try expectEqual(try counter("staged", bench, mount), 4, "copies made")
            // Who needs memory gets it, a little at a time, so that what is told can be heeded.
            let outcome = try run(
                [
                    "python3", "-c",
                    """
                    import mmap, subprocess, sys
                    kept = []
                    for i in range(58):
                        m = mmap.mmap(-1, 8 << 20); m.write(b"x" * (8 << 20)); kept.append(m)
                        subprocess.check_output([sys.argv[1], "status", sys.argv[2], "--json"])
                    """, bench.foliofs, mount.path,
                ], timeout: 50)
            try expectEqual(outcome.status, 0, "who needed memory: \(outcome.text)")
            try expect(try counter("shrunk", bench, mount) > 0, "staging did not shrink: \(mount.said)")
            try expect(mount.said.contains("memory is short"), "it was not said: \(mount.said)")
            for file in ["a", "b", "c", "d"] { try sameBytes(source, mount.path, file) }
            note("\(Int(try counter("shrunkBytes", bench, mount)) >> 20) MiB given back")
        }
    },
    TestCase("Staging/copies give way where tasks anywhere wait for memory, and that is said") { bench in
        let (source, group) = try stallable(bench)
        defer { _ = try? bash("rmdir \"$G\"", environment: ["G": group]) }
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(nowhere) }
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "1G"]) { mount in
            try require("cat * > /dev/null", in: mount.path)
            try expectEqual(try counter("staged", bench, mount), 4, "copies made")
            // Not in the server's group: a file that does not fit into theirs is read again and again.
            let large = bench.directory + "/large"
            let readers = try ChildProcess(
                [
                    "bash", "-c",
                    """
                    echo $BASHPID > "$1/cgroup.procs"
                    for i in 1 2 3 4; do while cat "$2"; do :; done & done
                    wait
                    """, "readers", group, large,
                ], output: nowhere)
            defer {
                unlink(large)
                _ = readers.wait(seconds: 10)
            }
            try until("staging shrinks") { try counter("shrunk", bench, mount) > 0 }
            try expect(mount.said.contains("memory is short (/proc/pressure/memory)"), "it was not said: \(mount.said)")
            for file in ["a", "b", "c", "d"] { try sameBytes(source, mount.path, file) }
        }
    },
    TestCase("Staging/what tasks waited for memory before the mount is not held against it") { bench in
        let (source, group) = try stallable(bench)
        defer { _ = try? bash("rmdir \"$G\"", environment: ["G": group]) }
        try require(
            """
            total() { sed -n 's/^some.*total=//p' /proc/pressure/memory; }
            end=$(($(total) + 1000000))
            ( echo $BASHPID > "$G/cgroup.procs"; while [ $(total) -lt $end ]; do cat large large large > /dev/null; done )
            """, in: bench.directory, environment: ["G": group])
        try served(bench, source: source, ["--route", "staged", "--stage-limit", "1G"]) { mount in
            // In its first window the kernel reports it, if it does.
            poll(nil, 0, 1500)
            try require("cat * > /dev/null", in: mount.path)
            try expectEqual(try counter("staged", bench, mount), 4, "copies made")
            try expectEqual(try counter("stagingPressure", bench, mount), 0, "copies refused")
        }
    },
    TestCase("Staging/promote --wait shows how far it is on a terminal, and nothing elsewhere") { bench in
        let source = try bench.make("source")
        try require("head -c 300000000 /dev/urandom > file", in: source)
        guard try bash("command -v script").status == 0 else { throw Skip("no script(1); install bsdutils") }
        try served(bench, source: source, ["--route", "staged"]) { mount in
            let shown = try require(
                "script -qec \"'$F' promote --wait file\" /dev/null", in: mount.path, environment: ["F": bench.foliofs])
            try expect(shown.contains("% ") && shown.contains(" of 286.1 MiB, ") && shown.contains("/s"), shown)
            let quiet = try require(
                "\"$F\" promote --wait file 2>&1 >/dev/null", in: mount.path, environment: ["F": bench.foliofs])
            try expectEqual(quiet, "", "standard error that is no terminal")
        }
    },
]

/// A source of four files, and a control group into which the file `large` beside it does not fit: who reads that there waits for
/// memory, which pressure stall information tells. The group is the caller's to remove.
private func stallable(_ bench: Workbench) throws -> (source: String, group: String) {
    guard exists("/proc/pressure/memory") else {
        throw Skip("no pressure stall information; boot a kernel with CONFIG_PSI, with psi=1")
    }
    let source = try bench.make("source")
    try require("for f in a b c d; do head -c 16777216 /dev/urandom > $f; done", in: source)
    // Out of the page cache, so that it counts to the group of who reads it.
    try require(
        "head -c 37748736 /dev/zero > large; sync; dd if=large iflag=nocache count=0 status=none", in: bench.directory)
    return (source, try controlGroup(megabytes: 24))
}

/// A control group of this machine's own kind with a limit of memory.
private func controlGroup(megabytes: Int) throws -> String {
    let outcome = try bash(
        """
        own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
        top=/sys/fs/cgroup/memory; limit=memory.limit_in_bytes
        [ -e $top/$limit ] || { top=/sys/fs/cgroup; own=; limit=memory.max; echo +memory > $top/cgroup.subtree_control; }
        group="$top$own/foliofs-test-$$"
        mkdir "$group" && echo \(megabytes)M > "$group/$limit" && echo "$group"
        """)
    guard outcome.status == 0, let group = outcome.lines.last else {
        throw Skip("no control group with a limit of memory can be made here: \(outcome.text)")
    }
    return group
}

func sameBytes(_ source: String, _ mount: String, _ name: String) throws {
    try require("cmp \"$A\" \"$B\"", environment: ["A": source + "/" + name, "B": mount + "/" + name])
}

private func counter(_ name: String, _ bench: Workbench, _ mount: ServedMount) throws -> Double {
    try JSON(bench.cli("status", mount.path, "--json").text)["counters"]?[name]?.number ?? 0
}

private func used(_ bench: Workbench, _ mount: ServedMount) throws -> Int {
    try Int(JSON(bench.cli("status", mount.path, "--json").text)["staging"]?["usedBytes"]?.number ?? -1)
}
