import FolioPolicy

/// Collapses that fail where only the kernel can make them fail, in virtual machines: what was there before is there afterwards.
let rollbackCases: [TestCase] =
    ["6.1-rothp", "6.12-rothp", "6.12-norothp", "7.3"].map { name in
        TestCase("Rollback/\(name) leaves all as it was where a page is not to be had", limit: 150) { bench in
            try obstacles(bench, try GuestKernel.find([name]))
        }
    }
    + ["7.3-faults", "6.12-rothp-faults"].map { name in
        TestCase("Rollback/\(name) leaves all as it was whichever allocation fails", limit: 600) { bench in
            try allocations(bench, try GuestKernel.find([name]))
        }
    }

/// Something that a collapse comes upon, and how it is brought about.
private struct Obstacle {
    /// What Stress/rollback.c calls it.
    let name: String
    /// Where the file is, and what the program is told besides.
    let place: String
    var arguments = ""
    /// What the policy is told of it, for jq; nil: no fact is about it.
    var facts: String?
    /// How the kernel's scan ends where no fact is about it.
    var reason = ""

    static let disk = [
        Obstacle(name: "writeback", place: "inner", arguments: "outer", facts: ".file.writeback = true"),
        Obstacle(name: "locked", place: "inner", arguments: "outer", reason: "page_locked"),
    ]
    static let shmem = [
        Obstacle(
            name: "watched", place: "tmpfs", facts: ".file.holes = true | .mapping.userfaultfd = [\"missing\"]"),
        Obstacle(name: "swap", place: "tmpfs", arguments: "$loop group/one", reason: "failed"),
    ]
}

/// What every script begins with.
private let prelude = """
    mount -t tracefs tracefs /sys/kernel/tracing
    mkdir tmpfs && mount -t tmpfs tmpfs tmpfs
    image() { truncate -s $2M $1.img && mkfs.$3 $1.img >log 2>&1 && mkdir -p $4 && mount -t ${3%% *} -o loop $1.img $4 || cat log; }

    """

/// Pages under writeback and pages that are being read on a device that does not answer, pages that swap does not give back, holes
/// that somebody waits for.
private func obstacles(_ bench: Workbench, _ kernel: GuestKernel) throws {
    // Without the option nothing of this kernel collapses a file on a disk.
    let chosen = (kernel.name.contains("-norothp") ? [] : Obstacle.disk) + Obstacle.shmem
    let guest = Guest(bench: bench, kernel: kernel, programs: ["mkfs.ext4", bench.stress("rollback")], processors: 1)
    let steps = chosen.map { obstacle in
        """
        echo "==== \(obstacle.name)"
        rollback \(obstacle.name) \(obstacle.place)/file \(obstacle.arguments); echo "exit $?"
        echo "==== facts of \(obstacle.name)"
        foliofs facts \(obstacle.place)/file \(kernel.configuration)
        """
    }
    let outcome = try guest.run(
        prelude + """
            image outer 64 'ext4 -q' outer && image outer/inner 24 'ext4 -q -O ^has_journal' inner
            mkdir group && mount -t cgroup2 cgroup2 group && echo +memory > group/cgroup.subtree_control && mkdir group/one
            truncate -s 8M swap.img && mkswap swap.img >/dev/null
            loop=$(losetup -f) && losetup $loop swap.img && swapon $loop

            """ + steps.joined(separator: "\n"), limit: 140)
    let parts = GuestText.sections(outcome.text)
    for obstacle in chosen {
        let said = parts[obstacle.name] ?? ""
        let calls = try reports(said)
        let facts = parts["facts of \(obstacle.name)"] ?? ""
        let foretold = try prediction(bench, facts, obstacle.facts ?? ".")
        try expectEqual(
            calls.last?["errno"]?.string, "0", "the errno when the obstacle is gone: \(outcome.text.suffix(1500))")
        if obstacle.facts != nil, foretold["verdict"]?.string == "allowed" {
            // Either it is none on this kernel, or it is waited for.
            try expect(calls.count == 1 || calls[0]["waits"] == .boolean(true), "\(obstacle.name): \(said)")
            note("\(obstacle.name) \(calls.count == 1 ? "is none" : "is waited for")")
            continue
        }
        try expect(
            calls.count == 2 && calls[0]["waits"] != .boolean(true) && calls[0]["unmapped"]?.number ?? 0 > 0,
            "\(obstacle.name): \(said)")
        let reason =
            obstacle.facts == nil ? obstacle.reason : foretold["scanReason"]?.string ?? "no reason was foretold"
        try expectEqual(calls[0]["reason"]?.string, reason, "the reason, \(obstacle.name)")
        try expectEqual(calls[0]["errno"]?.string, try foretoldErrno(of: reason, facts), "the errno, \(obstacle.name)")
        if obstacle.facts == nil {
            try expectEqual(foretold["verdict"]?.string, "allowed", "without the obstacle, \(obstacle.name)")
        } else {
            try expectEqual(calls[0]["errno"], foretold["errno"], "the errno that is foretold, \(obstacle.name)")
        }
        note("\(obstacle.name) \(reason)")
    }
}

/// Every allocation and every block request of a collapse fails in its turn, then several do at once.
private func allocations(_ bench: Workbench, _ kernel: GuestKernel) throws {
    let places = ["tmpfs", "ext4", "xfs"]
    let guest = Guest(
        bench: bench, kernel: kernel, programs: ["mkfs.ext4", "mkfs.xfs", bench.stress("rollback")], processors: 1)
    let steps = places.map { place in
        """
        echo "==== \(place)"
        rollback allocation \(place)/file; echo "exit $?"
        echo "==== facts of \(place)"
        foliofs facts \(place)/file \(kernel.configuration)
        """
    }
    let outcome = try guest.run(
        prelude + """
            mount -t debugfs debugfs /sys/kernel/debug
            image one 64 'ext4 -q' ext4 && image two 320 'xfs -q' xfs
            # Without readahead a call waits for each page that it reads, and comes to the next gap.
            for device in /sys/block/loop*; do echo 1 > $device/make-it-fail; echo 0 > $device/queue/read_ahead_kb; done

            """ + steps.joined(separator: "\n"), limit: 580)
    let parts = GuestText.sections(outcome.text)
    for place in places {
        let ways = try reports(parts[place] ?? outcome.text)
        try expectEqual(ways.compactMap { $0["case"]?.string }, ["huge", "each", "nodes", "pages"], "ways on \(place)")
        let facts = parts["facts of \(place)"] ?? ""
        var refused: [String: Double] = [:]
        for way in ways {
            for outcome in way["outcomes"]?.array ?? [] {
                let (found, reason) = (outcome["errno"]?.string ?? "", outcome["reason"]?.string ?? "")
                guard found != "0" else { continue }
                refused[reason, default: 0] += outcome["calls"]?.number ?? 0
                // Before the scan there is one allocation, the collapse_control.
                let wanted = reason == "none" ? "ENOMEM" : try foretoldErrno(of: reason, facts)
                try expectEqual(found, wanted, "the errno of \(reason), \(place)")
            }
        }
        let foretold = try prediction(bench, facts, ".system.hugeFolioAvailable = false")
        let huge = ways[0]["outcomes"]?.array?.first
        try expectEqual(huge?["errno"], foretold["errno"], "the errno without a huge folio, \(place)")
        try expectEqual(huge?["reason"], foretold["scanReason"], "the reason without a huge folio, \(place)")
        for reason in ["none", "alloc_huge_page_failed", "failed"] {
            try expect(refused[reason] ?? 0 > 0, "nothing failed by \(reason) on \(place): \(ways.map(\.text))")
        }
        let calls = ways.compactMap { $0["calls"]?.number }.reduce(0, +)
        note("\(place): \(Int(calls)) calls, \(Int(refused.values.reduce(0, +))) refused")
    }
}

/// What the program printed, each line of it without a difference.
private func reports(_ said: String) throws -> [JSON] {
    let lines = said.split(separator: "\n")
    try expectEqual(lines.last, "exit 0", "the program's exit: \(said.suffix(1500))")
    let reports = try lines.filter { $0.hasPrefix("{") }.map { try JSON(String($0)) }
    try expect(!reports.isEmpty, "no report: \(said)")
    for report in reports { try expectEqual(report["differences"]?.array, [], "differences") }
    return reports
}

/// What the policy says of a collapse where facts that a guest captured are changed, and the file is cached page by page.
private func prediction(_ bench: Workbench, _ facts: String, _ change: String) throws -> JSON {
    let small = ".file += {cachedOrders: [0], dirty: false} | .mapping += {exec: true, shared: true}"
    let answer = try require(
        "jq -c \"$CHANGE\" <<'END' | \"$FOLIOFS\" explain --query -\n\(facts)\nEND",
        environment: ["CHANGE": "\(small) | \(change)", "FOLIOFS": bench.foliofs])
    return try JSON(answer)
}

/// The errno of a traced result on the kernel of captured facts.
private func foretoldErrno(of reason: String, _ facts: String) throws -> String? {
    guard let known = ScanReason(rawValue: reason), let text = try JSON(facts)["kernel"]?.string,
        let version = KernelVersion(text)
    else { throw Failure("no such reason or kernel: \(reason)") }
    return collapseErrno(of: known, on: version)
}
