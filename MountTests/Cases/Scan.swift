import Glibc

/// `scan` and `collapse --pid`: running processes seen and helped from outside.
let scanCases: [TestCase] =
    guestProcessCases + [
        TestCase("Scan/what a program maps, by what it could be mapped by PMDs, and why not the rest") { bench in
            let source = try bench.ext4(megabytes: 128)
            try LargeProgram.build(.positionIndependent, at: source + "/program")
            let before = try WaitingProcess([source + "/program", "1", "wait"], bench)
            let scan = try scanned(bench, before.child.id)
            let text = try textRow(scan, source + "/program")
            try expectEqual(text["way"]?.string, "mount", "way of the text outside a mount: \(text)")
            try expect(["native", "staged"].contains(text["route"]?.string), "route: \(text)")
            try expectEqual(text["pmdMappedBytes"]?.number, 0, "mapped outside a mount")
            let foretold = try LargeProgram.foretold(bench, source + "/program")
            try expectEqual(text["possibleBytes"]?.number, foretold, "possible")
            let rows = scan["mappings"]?.array ?? []
            let small = rows.first { $0["path"]?.string == source + "/program" && $0["protection"]?.string == "r--p" }
            try expectEqual(small?["way"]?.string, "never", "way of a small segment: \(String(describing: small))")
            try expect(
                small?["reason"]?.string?.contains("no whole chunk") == true, "its reason: \(String(describing: small))"
            )
            try served(bench, source: source) { mount in
                let process = try WaitingProcess([mount.path + "/program", "1", "wait"], bench)
                let row = try textRow(try scanned(bench, process.child.id), mount.path + "/program")
                try expectEqual(row["way"]?.string, "mapped", "way of the text on a mount: \(row)")
                try expectEqual(row["pmdMappedBytes"]?.number, foretold, "mapped on a mount")
                try expectEqual(process.finish(), 0, "exit")
            }
            try expectEqual(before.finish(), 0, "exit")
        },
        TestCase("Scan/a process in another mount namespace, that of foliofs run") { bench in
            let source = try bench.ext4(megabytes: 128)
            try require("mkdir bin", in: source)
            let program = source + "/bin/program"
            try LargeProgram.build(.positionIndependent, at: program)
            let process = try WaitingProcess([bench.foliofs, "run", "--", program, "1", "wait"], bench)
            let row = try textRow(try scanned(bench, process.child.id), program)
            try expectEqual(row["way"]?.string, "mapped", "way: \(row)")
            try expectEqual(row["filesystem"]?.string, "fuse.foliofs", "filesystem as the process sees it: \(row)")
            let collapsed = try bench.cli("collapse", "--pid", "\(process.child.id)", "--json")
            try expectEqual(collapsed.status, 0, collapsed.text)
            try expectEqual(process.finish(), 0, "exit")
        },
        TestCase("Scan/no process, a thread of the kernel, one that ends, one of another user") { bench in
            for command in [["scan"], ["collapse", "--pid"]] {
                let none = try run([bench.foliofs] + command + ["4194303"])
                try expectEqual(none.status, 1, none.text)
                try oneLine(none, containing: "no such process")
            }
            try expectEqual(try bench.cli("scan", "0").status, 2, "scan 0")
            try expectEqual(try bench.cli("scan", "x").status, 2, "scan x")
            try expectEqual(try bench.cli("collapse", "--pid", "1", "/etc/passwd").status, 2, "a pid and a path")
            try expectEqual(try bench.cli("collapse").status, 2, "neither")
            let user = try OtherUser(bench)
            let refused = try user.bash("\"$FOLIOFS\" scan \(getpid())")
            try expectEqual(refused.status, 1, refused.text)
            try oneLine(refused, containing: "EACCES", "run it as root")
            let own = try user.bash("\"$FOLIOFS\" scan $$ --json; \"$FOLIOFS\" collapse --pid $$ > /dev/null; echo $?")
            try expect(["0", "1"].contains(own.lines.last ?? ""), own.text)
            // Processes that come and go all the time: an answer or one clear line, never anything else.
            let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
            defer { close(null) }
            for step in 0..<40 {
                let short = try ChildProcess(
                    ["/bin/bash", "-c", "for i in 1 2 3 4 5 6; do /bin/true; done"], output: null)
                let outcome = try run(
                    [bench.foliofs] + (step % 2 == 0 ? ["scan"] : ["collapse", "--pid"]) + ["\(short.id)"])
                if outcome.status != 0 {
                    try expectEqual(outcome.status, 1, outcome.text)
                    try expect(outcome.lines.count == 1 && outcome.text.hasPrefix("foliofs: cannot "), outcome.text)
                }
                _ = short.wait(seconds: 10)
            }
        },
        TestCase("Scan/collapse --pid makes PMDs of what a process has mapped of shmem, and says why not of the rest") {
            bench in
            let place = try bench.make("t")
            try require("mount -t tmpfs -o size=64m,huge=never none t", in: bench.directory)
            defer { umount2(place, 2) }  // MNT_DETACH
            try LargeProgram.build(.fixed, at: place + "/program")
            let process = try WaitingProcess([place + "/program", "1", "wait"], bench)
            try expectEqual(try JSON(process.firstLine)["pmd"]?.number, 0, "mapped by PMDs before")
            let row = try textRow(try scanned(bench, process.child.id), place + "/program")
            try expectEqual(row["way"]?.string, "collapse", "way: \(row)")
            let outcome = try bench.cli("collapse", "--pid", "\(process.child.id)", "--json")
            try expectEqual(outcome.status, 0, outcome.text)
            let report = try JSON(outcome.text)
            try report.requireKeys(
                "process agreed total mappings pmdMappedBefore pmdMappedAfter", of: "collapse --pid --json")
            let text = try textRow(report, place + "/program")
            try text.requireKeys(
                "address length offset path protection chunkBytes pmdMappedBefore pmdMappedAfter answers agreed total "
                    + "disagreements deniedBy way reason", of: "a mapping")
            try expectEqual(text["pmdMappedBefore"]?.number, 0, "before")
            try expectEqual(text["pmdMappedAfter"]?.number, row["possibleBytes"]?.number, "after: \(text)")
            try expectEqual(report["agreed"]?.number, report["total"]?.number, "agreed: \(outcome.text)")
            let after = try textRow(try scanned(bench, process.child.id), place + "/program")
            try expectEqual(after["way"]?.string, "mapped", "way afterwards: \(after)")
            try expectEqual(process.finish(), 0, "the program goes on, and ends well")
        },
        TestCase("Scan/collapse --pid promotes a file, and what the process touches then is mapped by PMDs") { bench in
            let source = try bench.ext4(megabytes: 64)
            try require("head -c 8388608 /dev/urandom > data; sync data", in: source)
            let process = try WaitingProcess(["python3", "-c", partialReader, source + "/data"], bench)
            let row = (try scanned(bench, process.child.id)["mappings"]?.array ?? []).first {
                $0["path"]?.string == source + "/data"
            }
            guard row?["way"]?.string == "promote" else {
                _ = process.finish()
                throw Skip(
                    "ext4 here is not promoted (\(row?["reason"]?.string ?? "not mapped")); needs Linux 6.16, ext4")
            }
            let outcome = try bench.cli("collapse", "--pid", "\(process.child.id)")
            try expectEqual(outcome.status, 0, outcome.text)
            try expect(outcome.text.contains("its file promoted, 6 MiB of 8 MiB"), outcome.text)
            try expectEqual(process.finish(), 0, "exit")
            try expectEqual(process.said.last, "\(6 << 20)", "bytes of three chunks that were touched afterwards")
        },
        TestCase("Scan/collapse --pid is as foretold for every mapping of real programs") { bench in
            var seen = 0
            for words in [
                ["python3", "-c", "print(1, flush=True); input()"],
                [try bigCompiler(), "-x", "c", "-c", "-", "-o", "/dev/null"],
            ] {
                let process = try WaitingProcess(words, bench) { id in
                    let maps = readText("/proc/\(id)/maps") ?? ""
                    return maps.contains("libc.so") && !maps.contains("/bash\n")
                }
                let outcome = try bench.cli("collapse", "--pid", "\(process.child.id)", "--json")
                try expectEqual(outcome.status, 0, "\(words[0]): \(outcome.text)")
                seen += Int(try JSON(outcome.text)["total"]?.number ?? 0)
            }
            note("\(seen) chunks of mappings")
            try expect(seen > 0, "no chunk was tried")
        },
    ]

private func scanned(_ bench: Workbench, _ process: pid_t) throws -> JSON {
    let outcome = try bench.cli("scan", "\(process)", "--json")
    try expectEqual(outcome.status, 0, outcome.text)
    let scan = try JSON(outcome.text)
    try scan.requireKeys("process command mappings totals", of: "scan --json")
    try scan["totals"]?.requireKeys(
        "mappings bytes residentBytes pmdMappedBytes possibleBytes textBytes textPossibleBytes textPmdMappedBytes",
        of: "totals")
    for row in scan["mappings"]?.array ?? [] {
        try row.requireKeys(
            "address length offset path filesystem protection residentBytes pmdMappedBytes possibleBytes way route reason",
            of: "a mapping")
    }
    return scan
}

/// The mapping of a program's text.
private func textRow(_ document: JSON, _ path: String) throws -> JSON {
    let rows = document["mappings"]?.array ?? []
    guard let row = rows.first(where: { $0["path"]?.string == path && $0["protection"]?.string == "r-xp" }) else {
        throw Failure("no text of \(path) in \(rows)")
    }
    return row
}

/// Maps a file whose pages are cached one by one, touches the first chunk, waits, touches the rest, and says what is mapped by PMDs.
private let partialReader = """
    import mmap, os, sys
    file = os.open(sys.argv[1], os.O_RDONLY)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
    size = os.fstat(file).st_size
    for at in range(0, size, 4096): os.pread(file, 1, at)
    view = mmap.mmap(file, size, prot=mmap.PROT_READ, flags=mmap.MAP_SHARED)
    view[0]
    print("ready", flush=True)
    input()
    for at in range(0, size, 4096): view[at]
    ours = False
    for line in open("/proc/self/smaps"):
        if "-" in line.split()[0]: ours = line.rstrip().endswith(sys.argv[1])
        elif ours and line.startswith("FilePmdMapped:"): print(int(line.split()[1]) * 1024, flush=True)
    """
