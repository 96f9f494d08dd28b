import Glibc

/// Programs with their segments aligned for PMDs, and that everybody but the loader sees the source's own bytes.
let alignedExecCases: [TestCase] =
    LargeProgram.Kind.allCases.map { kind in
        TestCase("AlignedExec/text of a program linked with \(kind.rawValue) is mapped by PMDs as foretold") { bench in
            let source = try bench.ext4(megabytes: 128)
            try LargeProgram.build(kind, at: source + "/program")
            let foretold = try LargeProgram.foretold(bench, source + "/program")
            try expect(foretold > 0, "nothing is foretold")
            for route in ["native", "staged"] {
                try served(bench, source: source, at: route, ["--route", route]) { mount in
                    let sample = try JSON(require("./program", in: mount.path))
                    try expectEqual(sample["pmd"]?.number ?? 0, foretold, "text mapped by PMDs, \(route)")
                    try require("cmp program \"$S/program\"", in: mount.path, environment: ["S": source])
                }
            }
            let without = try ServedMount(bench, source: source, at: "without", ["--no-aligned-exec"])
            let sample = try JSON(require("./program", in: without.path))
            // By luck one time in 512 it would be; what is fixed or static is aligned without the view.
            if kind == .positionIndependent { try expectEqual(sample["pmd"]?.number ?? 0, 0, "without the view") }
            try without.unmount()
        }
    } + [
        TestCase("AlignedExec/checksums, /proc/PID/exe and memory show the source's bytes while it runs") { bench in
            try running(bench) { mount, source, process in
                try require(
                    """
                    cmp "$M/program" "$S/program"; cmp "/proc/$P/exe" "$S/program"
                    [ "$(sha256sum < "$M/program")" = "$(sha256sum < "$S/program")" ]
                    [ "$(readlink "/proc/$P/exe")" = "$M/program" ]
                    base=$(grep -m1 "$M/program" "/proc/$P/maps" | cut -d- -f1)
                    dd if="/proc/$P/mem" bs=4096 skip=$((0x$base / 4096)) count=1 2>/dev/null | cmp - <(head -c 4096 "$S/program")
                    (cd "$S" && md5sum program) > "$S/sums"; cd "$M" && md5sum --quiet -c sums
                    python3 -c 'import mmap,sys; f=[open(p,"rb") for p in sys.argv[1:]]; a,b=(mmap.mmap(o.fileno(),0,prot=1) for o in f); sys.exit(a[:]!=b[:])' "$M/program" "$S/program"
                    """, environment: ["M": mount.path, "S": source, "P": String(process.id)])
            }
        },
        TestCase("AlignedExec/what dpkg installed verifies through a mount over it", limit: 120) { bench in
            guard try bash("dpkg --verify coreutils bash && dpkg-query -W coreutils").status == 0 else {
                throw Skip("dpkg does not verify coreutils here; needs a Debian system as it was installed")
            }
            // The programs run through the mount first, so that what they were shown could have been kept.
            let outcome = try bench.cli(
                "run", "--", "bash", "-c",
                "stat -f -c %T /usr/bin; sort --version >/dev/null; dpkg --verify coreutils bash && "
                    + "grep -h ' usr/bin/' /var/lib/dpkg/info/{coreutils,bash}.md5sums | (cd / && md5sum --quiet -c) && echo verified",
                timeout: 100)
            try expectEqual(outcome.lines.last, "verified", "\(outcome.text)")
        },
        TestCase("AlignedExec/a debugger stops in it and sees the source's code") { bench in
            guard try bash("command -v gdb").status == 0 else { throw Skip("no gdb; apt-get install gdb enables it") }
            let source = try bench.ext4(megabytes: 128)
            try LargeProgram.build(.positionIndependent, at: source + "/program")
            try served(bench, source: source) { mount in
                let said = try require(
                    """
                    gdb -nx -batch -ex 'set confirm off' -ex 'break spin' -ex run -ex 'bt 1' -ex 'info symbol spin' -ex 'p/d (long)&big % 4096' \
                        -ex 'x/4xb big' -ex delete -ex continue ./program 2>&1
                    """, in: mount.path, environment: ["DEBUGINFOD_URLS": ""])
                for wanted in [
                    "Breakpoint 1, spin (n=", "spin in section .text", "= 0", "0x90\t0x90\t0x90\t0x90",
                    "exited normally",
                ] {
                    try expect(said.contains(wanted), "no \"\(wanted)\" in: \(said)")
                }
                // A breakpoint is a page of the debugged process alone.
                try require("cmp program \"$S/program\"", in: mount.path, environment: ["S": source])
                let sample = try JSON(require("./program", in: mount.path))
                try expect(sample["pmd"]?.number ?? 0 > 0, "not mapped by PMDs after it was debugged: \(sample)")
            }
        },
        TestCase("AlignedExec/a profiler finds its symbols") { bench in
            let source = try bench.ext4(megabytes: 128)
            try LargeProgram.build(.positionIndependent, at: source + "/program")
            try served(bench, source: source) { mount in
                let file = bench.directory + "/perf.data"
                let recorded = try bash(
                    "perf record -q -e cpu-clock -o \"$F\" ./program 200", in: mount.path, environment: ["F": file])
                guard recorded.status == 0 else {
                    throw Skip(
                        "perf does not record here (\(recorded.lines.last ?? "")); apt-get install linux-perf, and perf_event_open(2) allowed"
                    )
                }
                let said = try require(
                    "perf report -i \"$F\" --stdio -q 2>/dev/null", in: mount.path, environment: ["F": file])
                try expect(
                    said.split(separator: "\n").contains { $0.contains("program") && $0.contains("spin") },
                    "no symbol in: \(said)")
                let ids = try require(
                    "perf buildid-list -i \"$F\" | grep /program; readelf -n \"$S/program\" | grep 'Build ID'",
                    in: mount.path,
                    environment: ["F": file, "S": source])
                let words = ids.split(whereSeparator: \.isWhitespace).map(String.init)
                try expectEqual(words.first, words.last, "build id of \(ids)")
            }
        },
        TestCase("AlignedExec/a system call tracer follows it") { bench in
            guard try bash("command -v strace").status == 0 else { throw Skip("no strace; make deps installs it") }
            let source = try bench.ext4(megabytes: 128)
            try LargeProgram.build(.positionIndependent, at: source + "/program")
            try served(bench, source: source) { mount in
                let said = try require(
                    "strace -f -e trace=execve,readlink,write \"$M/program\" 2>&1", environment: ["M": mount.path])
                try expect(said.contains("execve(\"\(mount.path)/program\"") && said.contains("exited with 0"), said)
            }
        },
        TestCase("AlignedExec/a uprobe on the source's file fires in processes that run it through the mount") {
            bench in
            let tracing = "/sys/kernel/tracing"
            if !exists(tracing + "/uprobe_events") { _ = mount("tracefs", tracing, "tracefs", 0, nil) }
            guard exists(tracing + "/uprobe_events") else {
                throw Skip("no tracefs with uprobe_events; needs CONFIG_UPROBE_EVENTS")
            }
            let source = try bench.ext4(megabytes: 128)
            try LargeProgram.build(.positionIndependent, at: source + "/program")
            try served(bench, source: source) { mount in
                let said = try require(
                    """
                    read -r address < <(nm "$S/program" | awk '$3 == "spin" {print $1}')
                    offset=$(readelf -lW "$S/program" | while read -r type offset start _ size _; do
                        [ "$type" = LOAD ] && ((0x$address >= start && 0x$address < start + size)) && echo $((0x$address - start + offset)); done || true)
                    name=foliofs_$$
                    trap 'echo 0 > "$T/events/uprobes/$name/enable"; echo "-:$name" >> "$T/uprobe_events"' EXIT
                    echo "p:$name $S/program:$(printf 0x%x $offset)" >> "$T/uprobe_events"
                    echo 1 > "$T/events/uprobes/$name/enable"
                    "$M/program" 5 > /dev/null; "$S/program" 2 > /dev/null
                    awk -v n=$name '$2 == n {print $3}' "$T/uprobe_profile"
                    """, environment: ["S": source, "M": mount.path, "T": tracing])
                try expectEqual(
                    said.split(separator: "\n").first, "7", "hits of 5 calls through the mount and 2 of the source")
                try require("cmp \"$M/program\" \"$S/program\"", environment: ["M": mount.path, "S": source])
            }
        },
        TestCase("AlignedExec/a program with a damaged header is served as it is, and fails as it does in the source") {
            bench in
            let source = try bench.ext4(megabytes: 128)
            try LargeProgram.build(.positionIndependent, at: source + "/program")
            // p_align of the second PT_LOAD, and then the table's place.
            try require(
                """
                cp program odd; cp program broken
                python3 - odd <<'END'
                import struct, sys
                with open(sys.argv[1], "r+b") as f:
                    image = f.read(4096)
                    at, count = struct.unpack_from("<Q", image, 32)[0], struct.unpack_from("<H", image, 56)[0]
                    loads = [at + 56 * i for i in range(count) if struct.unpack_from("<I", image, at + 56 * i)[0] == 1]
                    f.seek(loads[1] + 48); f.write(struct.pack("<Q", 0x1800))
                END
                printf '\\377\\377\\377\\377' | dd of=broken bs=1 seek=32 conv=notrunc 2>/dev/null; sync
                """, in: source)
            try served(bench, source: source) { mount in
                for program in ["odd", "broken"] {
                    let here = try bash("./\(program) > /dev/null 2>&1; echo $?", in: mount.path)
                    let there = try bash("./\(program) > /dev/null 2>&1; echo $?", in: source)
                    try expectEqual(here.text, there.text, "exit of \(program)")
                }
                let explained = try bench.cli("explain", "--exec", source + "/odd")
                try expect(explained.text.contains("p_align is no power of two"), explained.text)
            }
        },
    ]

/// Runs `body` while the program runs through a mount.
private func running(_ bench: Workbench, _ body: (ServedMount, String, ChildProcess) throws -> Void) throws {
    let source = try bench.ext4(megabytes: 128)
    try LargeProgram.build(.positionIndependent, at: source + "/program")
    try served(bench, source: source) { mount in
        let process = try WaitingProcess([mount.path + "/program", "1", "wait"], bench)
        try body(mount, source, process.child)
    }
}
