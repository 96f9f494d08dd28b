import Glibc

/// The scenarios on this machine's kernel and on every other that can be booted, and one report of it all.
///
/// Results are kept by the build of foliofs, kernel and stage: what is there is not played again.
struct Matrix {
    let binaries: String
    let tools: String
    /// Where results and reports go.
    let directory: String
    /// How many guests run at once.
    let jobs: Int
    /// Seconds for which one guest may run.
    let patience: Double
    /// The stages to play; nil: all.
    let wantedStages: Set<String>?

    /// Those that are played unless others are asked for, one of each kind: the filesystems whose rules differ, shmem with and without
    /// large folios, overlay, and each route of FolioFS. The others are the same with an option, or on another filesystem.
    private static let usualStages: Set<String> = [
        "ext4", "xfs", "btrfs", "squashfs", "erofs", "tmpfs-never", "tmpfs-withinsize", "overlay-tmpfs",
        "foliofs-native-ext4", "foliofs-promoted-ext4", "foliofs-staged-ext4", "foliofs-fallback-ext4",
        "foliofs-plain-btrfs",
    ]

    /// What this machine's own kernel is called among the others.
    static let host = "host"

    /// From the environment: JOBS, PATIENCE, STAGES.
    init(binaries: String, tools: String, directory: String) {
        (self.binaries, self.tools, self.directory) = (binaries, tools, directory)
        let environment = ChildProcess.environment
        // One more than there are processors: a guest waits for khugepaged a third of its time.
        jobs = Int(environment["JOBS"] ?? "") ?? 1 + max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        patience = Double(environment["PATIENCE"] ?? "") ?? 7200
        let stages = (environment["STAGES"] ?? "").split(separator: " ").map(String.init)
        wantedStages = stages.isEmpty ? Self.usualStages : stages == ["all"] ? nil : Set(stages)
    }

    /// Plays all that is not there yet, then writes the report.
    /// - Parameter wanted: kernels; nil: all.
    /// - Returns: 0 where everything was played and agreed.
    func run(_ wanted: [String]?) throws -> Int32 {
        let results = try results()
        let kernels = try Self.chosen(wanted, of: [Self.host] + GuestKernel.all().map(\.name), "kernel")
        var waiting = try kernels.filter { try !missing(results, $0).isEmpty }
        var running: [(name: String, child: ChildProcess)] = []
        var failed: [String] = []
        while !waiting.isEmpty || !running.isEmpty {
            // The host's own kernel is not asked while guests take its processors.
            while let next = waiting.first, running.count < jobs, running.first?.name != Self.host,
                next != Self.host || running.isEmpty
            {
                waiting.removeFirst()
                running.append((next, try start(next)))
            }
            for (name, child) in running where child.hasEnded() && child.ended != 0 { failed.append(name) }
            running.removeAll { $0.child.hasEnded() }
            poll(nil, 0, 50)
        }
        let report = try MatrixReport(results, build: try build(), previous: directory + "/previous.json")
        try report.write(to: directory)
        print(report.summary)
        for name in failed { print("\(name): not all was played; \(results)/\(name) has what was, and the log") }
        return failed.isEmpty && report.disagreements.isEmpty ? 0 : 1
    }

    /// Plays the missing stages of one kernel.
    func play(_ kernel: String) throws {
        let results = try results()
        let stages = try missing(results, kernel)
        guard !stages.isEmpty else { return }
        try require("mkdir -p \"$D\"", environment: ["D": "\(results)/\(kernel)"])
        if kernel == Self.host {
            var failure = FirstFailure()
            for stage in stages {
                let outcome = try bash(
                    "\"$F\" verify --stage \(stage) --change-settings --json 2>/dev/null",
                    environment: ["F": binaries + "/foliofs"], timeout: patience)
                failure.attempt { try keep(outcome.text, as: "\(results)/\(kernel)/\(stage).json") }
            }
            try failure.rethrow()
        } else {
            try play(stages, in: try GuestKernel.find([kernel]), results)
        }
    }

    private func start(_ kernel: String) throws -> ChildProcess {
        print("\(kernel): playing")
        fflush(nil)
        return try ChildProcess(
            [
                "/proc/self/exe", "--binaries", binaries, "--tools", tools, "--matrix", directory, "--kernel", kernel,
            ], output: 1)
    }

    /// In one guest, stage by stage, so that what is done when time is up is not lost.
    private func play(_ stages: [String], in kernel: GuestKernel, _ results: String) throws {
        let work = "\(results)/\(kernel.name)/guest"
        try require("rm -rf \"$D\" && mkdir -p \"$D\"", environment: ["D": work])
        let guest = Guest(
            bench: Workbench(binaries: binaries, tools: tools, directory: work), kernel: kernel,
            programs: ["mkfs.ext4", "mkfs.ext2", "mkfs.xfs", "mkfs.btrfs", "mkfs.f2fs", "mksquashfs", "mkfs.erofs"],
            processors: 1)
        let script = """
            for stage in \(stages.joined(separator: " ")); do
                echo "==== $stage"
                foliofs verify --stage $stage --change-settings --json \(kernel.configuration) > /tmp/report 2> /tmp/said
                cat /tmp/said /tmp/report
            done
            echo "==== end"
            """
        var failure = FirstFailure()
        failure.attempt { _ = try guest.run(script, limit: patience) }
        var parts = GuestText.sections(readText(guest.output) ?? "")
        // The last one is not whole where the guest was ended.
        let order = (readText(guest.output) ?? "").split(separator: "\n").filter { $0.hasPrefix("==== ") }
        if let last = order.last { parts[String(last.dropFirst(5))] = nil }
        for stage in stages {
            guard let text = parts[stage] else { continue }
            // One without a report does not take the others' with it.
            failure.attempt { try keep(text, as: "\(results)/\(kernel.name)/\(stage).json") }
        }
        try failure.rethrow()
        try require("rm -rf \"$D\"", environment: ["D": work])
    }

    /// Keeps a report of verify; what is none is a failure.
    private func keep(_ text: String, as path: String) throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.hasPrefix("{") }) else {
            throw Failure("\(path): verify printed no JSON: \(text.suffix(500))")
        }
        let report = try JSON(lines[first...].joined(separator: "\n"))
        try report.requireKeys("kernel cases agreed groups played disagreements repeated skipped interrupted", of: path)
        guard report["interrupted"] != .boolean(true) else { throw Failure("interrupted: \(path)") }
        try writeText(report.text, to: path)
    }

    private func missing(_ results: String, _ kernel: String) throws -> [String] {
        try stages().filter { !exists("\(results)/\(kernel)/\($0).json") }
    }

    /// The stages that are wanted of those that verify plays, in its order.
    private func stages() throws -> [String] {
        let lines = try require(
            "\"$F\" verify --list | grep -v '^#' | cut -d ' ' -f 1 | uniq", environment: ["F": binaries + "/foliofs"])
        return try Self.chosen(wantedStages, of: lines.split(separator: "\n").map(String.init), "stage")
    }

    /// Those of `all` that are wanted; nil: all.
    private static func chosen(
        _ wanted: (some Collection<String>)?, of all: [String], _ kind: String
    ) throws -> [String] {
        guard let wanted else { return all }
        if let unknown = wanted.first(where: { !all.contains($0) }) {
            throw Failure("no \(kind) is called \(unknown); there are \(all.joined(separator: ", "))")
        }
        return all.filter(wanted.contains)
    }

    /// Where the results of this build of foliofs are.
    private func results() throws -> String { "\(directory)/\(try build())" }

    private func build() throws -> String {
        try require("sha256sum \"$F\" | cut -c 1-12", environment: ["F": binaries + "/foliofs"]).trimmed
    }
}

/// What went wrong first, of things of which one does not take the others with it.
private struct FirstFailure {
    private var error: (any Error)?

    mutating func attempt(_ body: () throws -> Void) {
        do { try body() } catch { self.error = self.error ?? error }
    }

    func rethrow() throws { if let error { throw error } }
}
