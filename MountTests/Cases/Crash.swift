import Glibc

/// The daemon killed at any instant under load: the source passes fsck and holds every acknowledged change.
///
/// KILLS=N kills N daemons on each source (make crash).
let crashCases: [TestCase] =
    CrashSource.allCases.map { source in
        TestCase("Crash/SIGKILL under load, \(source.rawValue)", limit: 60 + Double(kills) * 1.5) { bench in
            try killed(source, bench)
        }
    }
    + [CrashSource.ext4, .xfs, .btrfs].map { source in
        TestCase(
            "Crash/what was synchronized is on the disk, \(source.rawValue)", limit: 60 + Double(copies) * 6
        ) { bench in try copied(source, bench) }
    }

private let kills = ChildProcess.environment["KILLS"].flatMap(Int.init) ?? 60
private let copies = max(4, kills / 15)

/// A filesystem to crash on.
private enum CrashSource: String, CaseIterable {
    case ext4, xfs, btrfs, tmpfs

    /// What makes one in an image.
    var format: String {
        switch self {
        case .ext4: "mkfs.ext4 -q -F"
        case .xfs: "mkfs.xfs -q -f"
        case .btrfs: "mkfs.btrfs -q -f"
        case .tmpfs: ""
        }
    }

    /// What finds damage in one that is not mounted.
    var check: String {
        switch self {
        case .ext4: "e2fsck -fn"
        case .xfs: "xfs_repair -n"
        case .btrfs: "btrfs check --readonly"
        case .tmpfs: "true"
        }
    }
}

private func seed() -> UInt64 {
    ChildProcess.environment["SEED"].flatMap(UInt64.init) ?? UInt64(Clock.now() * 1000)
}

private func killed(_ source: CrashSource, _ bench: Workbench) throws {
    let seed = seed()
    let place: String
    if source == .tmpfs {
        place = try bench.make("tmpfs")
        try require("mount -t tmpfs -o size=256M none .", in: place)
    } else {
        place = try bench.loop(source.format, megabytes: 400, name: source.rawValue)
    }
    let directory = try bench.make("\(source.rawValue)/source")
    let rounds = try CrashRounds(bench, source: directory, options: [], seed: seed)
    do {
        while rounds.kills < kills {
            for _ in 0..<min(100, kills - rounds.kills) {
                try rounds.kill(within: 80_000)
                try rounds.check()
            }
            if source != .tmpfs {
                try require("umount \(source.rawValue)", in: bench.directory)
                try require("\(source.check) \(source.rawValue).img", in: bench.directory)
                try require("mount -o loop \(source.rawValue).img \(source.rawValue)", in: bench.directory)
            }
        }
    } catch let failure as Failure {
        throw Failure("SEED=\(seed), after \(rounds.kills) kills: \(failure.reason)")
    }
    try expect(
        rounds.synchronized > rounds.kills,
        "only \(rounds.synchronized) changes in the lives of \(rounds.kills) daemons")
    print("    \(rounds.kills) daemons killed, \(rounds.synchronized) changes synchronized")
    try require("umount \"$P\"", environment: ["P": place])
}

/// The disk as it is at an instant of the load: an image is copied by reference, at once, and mounted elsewhere.
private func copied(_ source: CrashSource, _ bench: Workbench) throws {
    let seed = seed()
    let host = try bench.loop("mkfs.xfs -q -f -m reflink=1", megabytes: 2000, name: "host")
    let names = [
        "IMAGE": host + "/image", "COPY": host + "/copy", "AT": try bench.make("disk"), "SEEN": try bench.make("seen"),
    ]
    try require(
        "truncate -s 400M \"$IMAGE\"; \(source.format) \"$IMAGE\"; mount -o loop \"$IMAGE\" \"$AT\"; mkdir \"$AT/source\"",
        environment: names)
    let rounds = try CrashRounds(bench, source: bench.directory + "/disk/source", options: [], seed: seed)
    do {
        for _ in 0..<copies {
            try require("sync -f \"$AT\"", environment: names)
            var before: [[CrashWriter.Progress]] = []
            try rounds.kill(within: 200_000) {
                before = rounds.writers.map(\.state)
                try require("cp --reflink=always \"$IMAGE\" \"$COPY\"", environment: names)
            }
            // The original goes first: two filesystems of one id are not mounted at a time.
            let seen = try bash(
                "set -e; umount \"$AT\"; mount -o loop \"$COPY\" \"$SEEN\"", environment: names)
            try expect(seen.status == 0, "the copy cannot be mounted: \(seen.text)")
            try rounds.check(copy: bench.directory + "/seen/source", synchronized: before)
            try require(
                "umount \"$SEEN\"; \(source.check) \"$COPY\"; rm \"$COPY\"; mount -o loop \"$IMAGE\" \"$AT\"",
                environment: names)
            try rounds.check()
        }
    } catch let failure as Failure {
        throw Failure("SEED=\(seed), after \(rounds.kills) copies: \(failure.reason)")
    }
    try expect(rounds.synchronized > rounds.kills * 3, "only \(rounds.synchronized) changes")
    print("    \(rounds.kills) copies, \(rounds.synchronized) changes synchronized")
    try require("umount \"$AT\"; umount \"$H\"", environment: names.merging(["H": host]) { first, _ in first })
}
