/// What the whole thing is for: unmodified programs, no advice, PMD-mapped.
let hugePageCases: [TestCase] = [
    TestCase("HugePages/text of a running compiler, ext4, native", limit: 120) { bench in
        try compilerText(bench, source: bench.ext4(megabytes: 512), route: "native", key: "filePmdMapped")
    },
    TestCase("HugePages/text of a running compiler, ext4, staged", limit: 120) { bench in
        try compilerText(bench, source: bench.ext4(megabytes: 512), route: "staged", key: "shmemPmdMapped")
    },
    TestCase("HugePages/512 MiB of data, ext4, native", limit: 120) { bench in
        let source = try bench.ext4(megabytes: 1200)
        try makeData(source + "/data.bin", megabytes: 512)
        try touchedData(bench, source: source, route: "native", key: "filePmdMapped")
    },
    TestCase("HugePages/a large library loaded by ld.so, native", limit: 120) { bench in
        try libraryText(bench, source: bench.ext4(megabytes: 512), route: "native", key: "filePmdMapped")
    },
    TestCase("HugePages/a large library loaded by ld.so, staged", limit: 120) { bench in
        try libraryText(bench, source: bench.ext4(megabytes: 512), route: "staged", key: "shmemPmdMapped")
    },
]

/// Half a gigabyte that no filesystem can compress or share, made quickly.
private func makeData(_ path: String, megabytes: Int) throws {
    try require(
        "openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c \(megabytes)M > \"$P\" || true; "
            + "[ \"$(stat -c %s \"$P\")\" = \(megabytes * 1_048_576) ] || head -c \(megabytes)M /dev/urandom > \"$P\"; sync \"$P\"",
        environment: ["P": path])
}

/// A C file that keeps a compiler busy for seconds in most of its code.
private func makeProgram(_ path: String, functions: Int) throws {
    try require(
        "awk -v n=\(functions) 'BEGIN { for (i = 0; i < n; i++) printf "
            + "\"double f%d(double *a, int n) { double s = %d; for (int i = 0; i < n; i++) { switch ((i * %d) %% 7) { "
            + "case 0: s += a[i]; break; case 1: s *= a[n - i - 1]; break; case 2: a[i] = s / (i + %d); break; "
            + "default: s -= a[i] * %d; } } return s > %d ? s : -s; }\\n\", i, i, i + 3, i + 1, i, i }' > \"$P\"",
        environment: ["P": path])
}

private func compilerText(_ bench: Workbench, source: String, route: String, key: String) throws {
    let compiler = try bigCompiler()
    try require("cp \"$C\" \"$S/compiler\" && sync \"$S/compiler\"", environment: ["C": compiler, "S": source])
    let program = bench.directory + "/program.c"
    try makeProgram(program, functions: 2500)
    try served(bench, source: source, ["--route", route, "--stage-limit", "1G"]) { mount in
        let promoted = try bench.cli("promote", mount.path + "/compiler", "--wait", "--json")
        try expectEqual(promoted.status, 0, "promote: \(promoted.text)")
        let outcome = try run([
            bench.observe, "/compiler", mount.path + "/compiler", "-x", "c", "-O2", "-c", program, "-o",
            bench.directory + "/program.o",
        ])
        try expectEqual(outcome.status, 0, "the compiler: \(outcome.text.suffix(800))")
        let sample = try JSON(outcome.lines.last ?? "")
        let rss = sample["rss"]?.number ?? 0
        let mapped = sample[key]?.number ?? 0
        try expect(rss > 16e6, "too little text resident to judge: \(outcome.text)")
        // What is less than a chunk at the beginning and at the end of the text is no whole one.
        try expect(
            mapped > 0 && rss - mapped < 2 * 2_097_152,
            "\(Int(mapped)) of \(Int(rss)) bytes of text PMD-mapped (\(key)): \(outcome.text)")
        try require("cmp \"$A\" \"$B\"", environment: ["A": source + "/compiler", "B": mount.path + "/compiler"])
    }
    // Without the mount the source is as it was.
    try require("cmp \"$A\" \"$B\"", environment: ["A": source + "/compiler", "B": compiler])
}

private func touchedData(_ bench: Workbench, source: String, route: String, key: String) throws {
    let wanted = try require("sha256sum < data.bin", in: source)
    try served(bench, source: source, ["--route", route, "--stage-limit", "1G"]) { mount in
        let promoted = try bench.cli("promote", mount.path + "/data.bin", "--wait", "--json")
        try expectEqual(promoted.status, 0, "promote: \(promoted.text)")
        for attempt in ["first", "second"] {
            let sample = try JSON(require("\"$T\" data.bin", in: mount.path, environment: ["T": bench.touch]))
            let whole = sample["wholeChunkBytes"]?.number ?? 0
            try expectEqual(whole, 536_870_912, "whole chunks of the mapping (\(sample))")
            try expectEqual(sample[key]?.number ?? 0, whole, "\(attempt) touch, \(key)")
        }
        try expectEqual(try require("sha256sum < data.bin", in: mount.path), wanted, "sha256 through the mount")
    }
    try expectEqual(try require("sha256sum < data.bin", in: source), wanted, "sha256 of the source afterwards")
}

private func libraryText(_ bench: Workbench, source: String, route: String, key: String) throws {
    let library = try bash(
        "ls -S \"$(dirname \"$(readlink -f \"$(command -v swift)\")\")\"/../lib/libclang.so.* "
            + "/opt/swift/usr/lib/libclang.so.* /usr/lib/llvm-*/lib/libLLVM*.so* 2>/dev/null | head -1")
    guard let path = library.lines.first else { throw Skip("no libclang or libLLVM; install the Swift toolchain") }
    try require("cp -L \"$L\" \"$S/library.so\" && sync \"$S/library.so\"", environment: ["L": path, "S": source])
    try served(bench, source: source, ["--route", route, "--stage-limit", "1G"]) { mount in
        let promoted = try bench.cli("promote", mount.path + "/library.so", "--wait", "--json")
        try expectEqual(promoted.status, 0, "promote: \(promoted.text)")
        // An unmodified interpreter loads it as ld.so maps any library, then reads one byte of every text page.
        let outcome = try require(
            """
            python3 - "$M/library.so" <<'END'
            import ctypes, re, sys
            ctypes.CDLL(sys.argv[1])
            def text():
                ours, size, rss, mapped = False, 0, 0, {"filePmdMapped": 0, "shmemPmdMapped": 0}
                ranges = []
                for line in open("/proc/self/smaps"):
                    head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\\S+) ([0-9a-f]+) ", line)
                    if head:
                        ours = head[3][2] == "x" and line.rstrip().endswith(sys.argv[1])
                        if ours: ranges.append((int(head[1], 16), int(head[2], 16)))
                    elif ours:
                        key, value = line.split(":")[0], line.split()[1]
                        if key == "Rss": rss += int(value) * 1024
                        if key == "FilePmdMapped": mapped["filePmdMapped"] += int(value) * 1024
                        if key == "ShmemPmdMapped": mapped["shmemPmdMapped"] += int(value) * 1024
                return ranges, rss, mapped
            pmd = 2 << 20
            whole = 0
            for start, end in text()[0]:
                for address in range(start, end, 4096): ctypes.c_ubyte.from_address(address).value
                first, last = -(-start // pmd) * pmd, end // pmd * pmd
                whole += max(0, last - first)
            ranges, rss, mapped = text()
            print('{"whole": %d, "rss": %d, "filePmdMapped": %d, "shmemPmdMapped": %d}'
                  % (whole, rss, mapped["filePmdMapped"], mapped["shmemPmdMapped"]))
            END
            """, environment: ["M": mount.path])
        let sample = try JSON(outcome)
        let whole = sample["whole"]?.number ?? 0
        try expect(whole > 16e6, "the library's text is too small to judge: \(outcome)")
        try expectEqual(sample[key]?.number ?? 0, whole, "PMD-mapped text of the library (\(outcome))")
        try require("cmp \"$A\" \"$B\"", environment: ["A": source + "/library.so", "B": mount.path + "/library.so"])
    }
}
