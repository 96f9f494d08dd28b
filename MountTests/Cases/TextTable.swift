import Glibc

/// The text of real programs, mapped by PMDs without FolioFS and with it: make text-table.
let textTableCases: [TestCase] = [
    row("clang", "install the Swift toolchain, or clang") { bench in
        Subject(words: [try bigCompiler(), "-x", "c", "-c", "-", "-o", "/dev/null"], text: "clang")
    },
    row("swift-frontend", "install the Swift toolchain") { bench in
        Subject(words: [try found("swift-frontend"), "-frontend", "-typecheck", "-"], text: "swift-frontend")
    },
    row("node", "apt-get install nodejs") { bench in
        Subject(words: [try found("node"), "-"], text: "node")
    },
    row("java", "apt-get install openjdk-17-jre-headless") { bench in
        // It waits for the file that it makes to be taken away.
        let file = bench.directory + "/paused"
        return Subject(
            words: [
                try found("java"), "-XX:+UnlockDiagnosticVMOptions", "-XX:+PauseAtStartup",
                "-XX:PauseAtStartupFile=\(file)",
                "-version",
            ], text: "libjvm.so"
        ) { _ in exists(file) }
    },
    row("python3", "apt-get install python3") { bench in
        Subject(words: [try found("/usr/bin/python3"), "-"], text: "python3")
    },
    row("cc1plus", "apt-get install g++") { bench in
        let path = try bash("g++ -print-prog-name=cc1plus || true").lines.first ?? "cc1plus"
        return Subject(words: [try found(path), "-quiet", "-", "-o", "/dev/null"], text: "cc1plus")
    },
    row("cc1", "apt-get install gcc") { bench in
        let path = try bash("gcc -print-prog-name=cc1 || true").lines.first ?? "cc1"
        return Subject(words: [try found(path), "-quiet", "-", "-o", "/dev/null"], text: "cc1")
    },
    row("postgres", "apt-get install postgresql") { bench in
        let said = try bash("ls -d /usr/lib/postgresql/*/bin | tail -1; id -u postgres")
        guard said.status == 0, let programs = said.lines.first else { throw Missing() }
        let user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        let data = try require("mktemp -d /tmp/foliofs-XXXXXX").filter { $0 != "\n" }
        try require("chown postgres \"$D\"", environment: ["D": data])
        let made = try run(user + [programs + "/initdb", "-D", data, "--no-sync", "-A", "trust"])
        try expectEqual(made.status, 0, "initdb: \(made.text)")
        return Subject(
            words: user + [programs + "/postgres", "--single", "-D", data, "template1"], text: "postgres",
            directory: data)
    },
    row("git", "apt-get install git") { bench in
        try require("git init -q repository", in: bench.directory, environment: ["HOME": bench.directory])
        return Subject(
            words: [try found("git"), "-C", bench.directory + "/repository", "cat-file", "--batch"], text: "git")
    },
    row("gdb", "apt-get install gdb") { bench in Subject(words: [try found("gdb"), "-nx", "-q"], text: "gdb") },
    row("qemu", "apt-get install qemu-system-x86") { bench in
        Subject(
            words: [
                try found("qemu-system-x86_64"), "-S", "-nodefaults", "-display", "none", "-m", "64", "-monitor",
                "stdio",
            ], text: "qemu-system-x86_64")
    },
]

/// A program that is not installed.
private struct Missing: Error {}

/// A program that waits for its standard input, and the file whose text it is about.
private struct Subject {
    let words: [String]
    /// What the file's name contains.
    let text: String
    /// What is taken away afterwards; nil: nothing.
    var directory: String?
    /// Whether it has loaded what it loads; nil: when the file is mapped executable, and its loader has done its work.
    var isReady: ((pid_t) -> Bool)?

    init(words: [String], text: String, directory: String? = nil, isReady: ((pid_t) -> Bool)? = nil) {
        (self.words, self.text, self.directory, self.isReady) = (words, text, directory, isReady)
    }
}

/// The absolute path of a program.
private func found(_ name: String) throws -> String {
    let said = try bash("p=$(command -v \"$N\") && readlink -f \"$p\"", environment: ["N": name])
    guard said.status == 0, let path = said.lines.first else { throw Missing() }
    return path
}

/// A row of the table: the program without a mount, and through `foliofs run`, every page of its text touched.
private func row(
    _ name: String, _ remedy: String, _ make: @escaping @Sendable (Workbench) throws -> Subject
) -> TestCase {
    TestCase("TextTable/\(name)", limit: 120) { bench in
        let subject: Subject
        do {
            subject = try make(bench)
        } catch is Missing {
            throw Skip("no \(name); \(remedy) enables it")
        }
        defer { if let directory = subject.directory { _ = try? run(["rm", "-rf", directory]) } }
        // Not in what an earlier promotion has left, as far as nobody else has it mapped.
        _ = try bash("dd if=\"$P\" iflag=nocache count=0 status=none", environment: ["P": subject.words[0]])
        let before = try Text(bench, subject, through: [])
        var after = try Text(bench, subject, through: [bench.foliofs, "run", "--"])
        var route = ""
        if after.mapped < after.possible {
            // What other processes have mapped stays in the small folios that they have it in; a copy is nobody's.
            route =
                "; by the source's own page cache \(share(after.mapped, after.possible)) of that, which others have mapped"
            after = try Text(bench, subject, through: [bench.foliofs, "run", "-o", "route=staged", "--"])
        }
        try expectEqual(after.mapped, after.possible, "bytes of text mapped by PMDs, of those in whole chunks")
        note(
            "text \(mebibytes(after.all)): \(share(before.mapped, before.all)) before, \(share(after.mapped, after.all)) with, "
                + (after.possible > 0
                    ? "100 % of the \(mebibytes(after.possible)) in whole chunks" : "no whole chunk in it")
                + "; not: \(mebibytes(after.edges)) at the ends of segments, \(mebibytes(after.small)) in \(after.smallCount) "
                + "segments without a chunk" + route)
    }
}

/// Bytes of a running program's text, libraries included.
private struct Text {
    var all = 0.0
    var mapped = 0.0
    /// In whole chunks.
    var possible = 0.0
    /// Beside the whole chunks of a segment that has some.
    var edges = 0.0
    /// In segments that have none, and how many those are.
    var small = 0.0
    var smallCount = 0

    init(_ bench: Workbench, _ subject: Subject, through prefix: [String]) throws {
        unlink(bench.directory + "/paused")
        let process = try WaitingProcess(prefix + subject.words, bench, seconds: 60) { id in
            let maps = readText("/proc/\(id)/maps") ?? ""
            let isLoaded = maps.split(separator: "\n").contains { line in
                line.contains(" r-xp ") && (line.split(separator: "/").last?.contains(subject.text) ?? false)
            }
            return isLoaded && waitsForInput(id) && (subject.isReady?(id) ?? true)
        }
        defer {
            unlink(bench.directory + "/paused")
            process.child.signal(SIGKILL)
            _ = process.child.wait(seconds: 10)
        }
        // A file that other processes use is in small folios of theirs until they end.
        try touchText(of: process.child.id)
        let outcome = try bench.cli("scan", "\(process.child.id)", "--json")
        try expectEqual(outcome.status, 0, outcome.text)
        let pmd = 2_097_152.0
        for row in try JSON(outcome.text)["mappings"]?.array ?? [] where row["protection"]?.string == "r-xp" {
            let (offset, length) = (row["offset"]?.number ?? 0, row["length"]?.number ?? 0)
            let chunks = max(0, ((offset + length) / pmd).rounded(.down) - (offset / pmd).rounded(.up)) * pmd
            all += length
            mapped += row["pmdMappedBytes"]?.number ?? 0
            possible += chunks
            if chunks > 0 {
                edges += length - chunks
            } else {
                small += length
                smallCount += 1
            }
        }
    }
}

/// Whether a process sleeps for want of input, or its main thread for another one: its loader is done. What sleeps in an open may wait
/// for a copy.
private func waitsForInput(_ process: pid_t) -> Bool {
    // The number of the call and its arguments; x86-64: poll, select, futex, clock_nanosleep, epoll_wait, pselect6, ppoll, epoll_pwait.
    let call = (readText("/proc/\(process)/syscall") ?? "").split(separator: " ")
    guard let number = call.first.flatMap({ Int($0) }), call.count > 1 else { return false }
    return [7, 23, 202, 230, 232, 270, 271, 281].contains(number) || number == 0 && call[1] == "0x0"
}

/// Reads every page of the executable file mappings of a process, which faults them in there.
private func touchText(of process: pid_t) throws {
    let memory = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
    guard memory >= 0 else { throw Failure("cannot read the memory of \(process): errno \(errno)") }
    defer { close(memory) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    for line in (readText("/proc/\(process)/maps") ?? "").split(separator: "\n") where line.contains(" r-xp ") {
        let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
        guard bounds.count == 2, line.contains("/") else { continue }
        var at = bounds[0]
        while at < bounds[1] {
            let count = pread(memory, &buffer, Int(min(UInt64(buffer.count), bounds[1] - at)), off_t(at))
            guard count > 0 else { throw Failure("cannot read \(String(at, radix: 16)) of \(process): errno \(errno)") }
            at += UInt64(count)
        }
    }
}

private func mebibytes(_ bytes: Double) -> String { "\((bytes / 104857.6).rounded() / 10) MiB" }

private func share(_ part: Double, _ whole: Double) -> String { "\(Int((part / max(whole, 1) * 100).rounded())) %" }
