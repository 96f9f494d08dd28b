import Glibc

/// Every prediction of the scenario suite, borne out by this kernel.
let verifyCases: [TestCase] = [
    TestCase("Verify/the kernel does what was predicted", limit: 3100) { bench in
        let isFull = ["1", "yes"].contains(ChildProcess.environment["FULL"] ?? "")
        let outcome = try run(
            [bench.foliofs, "verify", "--json"] + (isFull ? ["--change-settings"] : ["--point", "all"]),
            timeout: isFull ? 3000 : 380)
        let brace = outcome.text.firstIndex(of: "{")
        guard let brace else {
            throw Failure("verify printed no JSON, exit \(outcome.status): \(outcome.text.suffix(500))")
        }
        let report = try JSON(String(outcome.text[brace...]))
        try report.requireKeys(
            "kernel cases agreed groups played disagreements repeated skipped interrupted", of: "verify --json")
        let disagreements = (report["disagreements"]?.array ?? []).map { "\($0["scenario"]?.string ?? "?")" }
        try expect(
            outcome.status == 0 && disagreements.isEmpty,
            "exit \(outcome.status), disagreements: \(disagreements.joined(separator: "; "))")
        let cases = report["cases"]?.number ?? 0
        try expectEqual(report["agreed"]?.number ?? -1, cases, "agreed of cases")
        try expect(cases >= 150, "only \(Int(cases)) cases")
        note("\(Int(cases)) predictions" + (isFull ? "" : "; FULL=1 plays every scenario"))
    },
    TestCase("Verify/a case is played by its line, and a mistake in it is named") { bench in
        let line = "tmpfs-always collapse cache=pmd state=joined"
        let outcome = try bench.cli("verify", "--case", line, "--json")
        let report = try JSON(outcome.text)
        try expectEqual(outcome.status, 0, "exit of \(outcome.text)")
        try expectEqual(report["path"]?.string, line, "path")
        for chunk in report["chunks"]?.array ?? [] {
            try expectEqual(chunk["observed"]?["moved"], .boolean(false), "in other frames: \(chunk)")
            try expectEqual(chunk["observed"]?["pmdMappedBefore"], .boolean(false), "PMD-mapped before: \(chunk)")
            try expectEqual(chunk["observed"]?["pmdMapped"], .boolean(true), "PMD-mapped: \(chunk)")
        }
        try expectEqual(report["chunks"]?.array?.count, 2, "chunks")
        let mistake = try bench.cli("verify", "--case", "tmpfs-always collapse cache=red")
        try expect(mistake.status == 2 && mistake.text.contains("cache=red is no cache"), mistake.text)
        let pruned = try bench.cli("verify", "--case", "squashfs write")
        try expect(pruned.status == 2 && pruned.text.contains("write.read-only"), pruned.text)
    },
    TestCase("Verify/settings of the machine are put back, after SIGKILL as well") { bench in
        let knobs = "/sys/kernel/mm/transparent_hugepage"
        let read =
            "cd \(knobs) && cat enabled shmem_enabled khugepaged/scan_sleep_millisecs khugepaged/alloc_sleep_millisecs"
        let before = try require(read)
        let log = open(bench.directory + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(log) }
        let child = try ChildProcess(
            [bench.foliofs, "verify", "--stage", "tmpfs-never", "--matching", "system=always", "--change-settings"],
            output: log)
        // Each scenario changes it for a moment: one of these moments is caught.
        let end = Clock.now() + 30
        while try require(read) == before {
            try expect(
                Clock.now() < end && !child.hasEnded(),
                "nothing was changed: \(readText(bench.directory + "/log") ?? "")")
        }
        child.signal(SIGKILL)
        try expectEqual(child.wait(seconds: 5), 128 + SIGKILL, "end of verify")
        let patience = Clock.now() + 5
        while try require(read) != before { try expect(Clock.now() < patience, "not put back") }
    },
]
