import Glibc

/// What others change in the source is seen through the mount, though the kernel keeps what it is told for a day.
let watchCases: [TestCase] =
    ["ext4", "xfs", "btrfs", "tmpfs"].map { name in
        seesEveryChange(on: name, "fanotify") { bench in try filesystem(name, bench) }
    } + [
        seesEveryChange(on: "ext4", "inotify", ["--watch", "inotify"]) { bench in try bench.ext4(megabytes: 256) },
        seesEveryChange(on: "overlay", "inotify", without: "noxattr") { bench in try overlay(bench) },
        seesEveryChange(on: "a btrfs subvolume", "inotify") { bench in
            let volume = try filesystem("btrfs", bench)
            try require("btrfs -q subvolume create sub 2>/dev/null || btrfs subvolume create sub", in: volume)
            return volume + "/sub"
        },
        seesEveryChange(on: "ext4", "fanotify", ["--no-passthrough"]) { bench in try bench.ext4(megabytes: 256) },
        seesEveryChange(on: "ext4", "timeouts", ["--watch", "timeouts"]) { bench in try bench.ext4(megabytes: 256) },
        TestCase("Watch/thousands of changes a second leave nothing stale", limit: 60) { bench in
            let source = try bench.make("source")
            try served(bench, source: source) { mount in
                try python(manyChanges, source, mount.path, "40000", "3")
            }
        },
        TestCase("Watch/thousands of changes a second leave nothing stale where inotify watches", limit: 60) { bench in
            let source = try bench.make("source")
            try served(bench, source: source, ["--watch", "inotify"]) { mount in
                try python(manyChanges, source, mount.path, "20000", "3")
            }
        },
        TestCase("Watch/thousands of changes a second leave nothing stale without passthrough", limit: 60) { bench in
            let source = try bench.make("source")
            try served(bench, source: source, ["--no-passthrough"]) { mount in
                try python(manyChanges, source, mount.path, "20000", "3")
            }
        },
        TestCase("Watch/a change is seen while a page of another file waits for the source") { bench in
            let source = try bench.make("source")
            try require("head -c 65536 /dev/urandom > held; echo before > other", in: source)
            try served(bench, source: source, ["--no-passthrough"]) { mount in
                try expectEqual(try require("stat --format %s other", in: mount.path), "7\n", "the size at first")
                let holder = try WaitingProcess.holdingReads(of: source + "/held", bench)
                let output = try makeFile(bench.directory + "/said")
                defer { close(output) }
                let reader = try ChildProcess(["cat", mount.path + "/held"], output: output)
                try SupervisedServer.awaitWaiting(mount.daemon.id, in: "fanotify_handle_event")
                // What drops the page that the reader has locked.
                try require("printf changed | dd of=held conv=notrunc status=none", in: source)
                try SupervisedServer.awaitWaiting(mount.daemon.id, in: "folio_lock")
                for size in 1...20 {
                    try require(
                        "printf changed | dd of=held conv=notrunc status=none; truncate --size \(size) other",
                        in: source)
                    try until("change \(size) is seen") {
                        try require("stat --format %s other", in: mount.path) == "\(size)\n"
                    }
                }
                try expect(!reader.hasEnded(), "the read did not wait")
                try expectEqual(holder.finish(), 0, "the holder")
                try expectEqual(reader.wait(seconds: 20), 0, "the exit of the reader")
                try require("cmp \"$S/held\" held", in: mount.path, environment: ["S": source])
            }
        },
        overflows("fanotify"), overflows("inotify"),
        TestCase("Watch/a file written to all the time is seen as it grows") { bench in
            let source = try bench.make("source")
            try served(bench, source: source) { mount in try python(busyFile, source, mount.path) }
        },
    ]
    + ["native", "plain", "staged", "no passthrough"].map { route in
        TestCase("Watch/what is changed through the mount is the same at once, \(route)") { bench in
            let source = try bench.make("source")
            let options = route == "no passthrough" ? ["--no-passthrough"] : ["--route", route]
            try served(bench, source: source, options) { mount in
                try python(
                    changesThroughTheMount, source, mount.path, route == "no passthrough" ? "cache" : "passthrough")
            }
        }
    }
    + [
        TestCase("Watch/what is mounted and unmounted inside the source is seen") { bench in
            let source = try bench.make("source")
            try require("mkdir d && touch d/below", in: source)
            try served(bench, source: source) { mount in try python(mountInside, source, mount.path) }
        },
        TestCase("Watch/a stat of what is cached does not reach the server, and status says how the source is watched")
        {
            bench in
            let source = try bench.make("source")
            try require("for i in $(seq 200); do echo $i > f$i; done", in: source)
            try served(bench, source: source) { mount in
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                try expectEqual(status["watch"]?.array?.first?["method"]?.string, "fanotify", "how it is watched")
                let look = "stat $(seq -f f%g 200) > /dev/null; if stat absent 2> /dev/null; then exit 1; fi"
                try require(look + "; " + look, in: mount.path)
                // A stopped server answers nothing: what is asked then is answered by the kernel.
                mount.daemon.signal(SIGSTOP)
                defer { mount.daemon.signal(SIGCONT) }
                try require(look, in: mount.path, timeout: 10)
            }
        },
        staged(
            "a store through a shared mapping is in the source at msync, also after its file is closed", stagedStore),
        staged("a copy in use follows its source at once", stagedRefresh),
        TestCase("Watch/staged: what is stored to a copy is kept whatever becomes of its source meanwhile") { bench in
            let source = try bench.make("source")
            try require("head -c 5000000 /dev/zero | tr '\\0' o | tee other > ../plain", in: source)
            try served(bench, source: source, ["--route", "staged"]) { mount in
                try python(
                    storesBesideChanges, source, mount.path, String(mount.daemon.id), bench.directory + "/plain")
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                try expect((status["counters"]?["staged"]?.number ?? 0) > 0, "nothing was staged")
            }
        },
        TestCase("Watch/staged copies that are mapped count against the limit though their files are closed") { bench in
            let source = try bench.make("source")
            try require("head -c 6000000 /dev/urandom > a; head -c 6000000 /dev/urandom > b", in: source)
            try served(bench, source: source, ["--route", "staged", "--stage-limit", "8M"]) { mount in
                try python(stagedLimit, source, mount.path, bench.foliofs)
            }
        },
    ]

private func staged(_ name: String, _ program: String) -> TestCase {
    TestCase("Watch/staged: \(name)") { bench in
        let source = try bench.make("source")
        try require(
            "head -c 5000000 /dev/zero | tr '\\0' a > file; head -c 5000000 /dev/zero | tr '\\0' o > other", in: source)
        try served(bench, source: source, ["--route", "staged"]) { mount in
            try python(program, source, mount.path)
            let status = try JSON(bench.cli("status", mount.path, "--json").text)
            try expect((status["counters"]?["staged"]?.number ?? 0) > 0, "nothing was staged")
        }
    }
}

private func seesEveryChange(
    on name: String, _ method: String, _ options: [String] = [], without: String = "",
    _ source: @escaping @Sendable (Workbench) throws -> String
) -> TestCase {
    let how = ([method] + options.filter { !$0.hasPrefix("--watch") && $0 != method }).joined(separator: " ")
    return TestCase("Watch/\(name), \(how): every kind of change underneath is seen", limit: 120) { bench in
        let top = try source(bench)
        let source = top + "/tree"
        let bound = try bench.make("bound")
        try require("mkdir \"$S\" && mount --bind \"$S\" \"$B\"", environment: ["S": source, "B": bound])
        defer { _ = try? bash("umount \"$B\"", environment: ["B": bound]) }
        try served(bench, source: source, options) { mount in
            try python(everyKindOfChange, source, mount.path, bound, "2", without, timeout: 100)
            let status = try JSON(bench.cli("status", mount.path, "--json").text)
            try expectEqual(status["watch"]?.array?.first?["method"]?.string, method, "how it is watched")
        }
    }
}

private func overflows(_ method: String) -> TestCase {
    TestCase("Watch/what is lost when the queue of \(method) overflows is made good", limit: 90) { bench in
        let source = try bench.make("source")
        try served(bench, source: source, ["--watch", method]) { mount in
            try python(overflow, source, mount.path, String(mount.daemon.id), "40000", "10", timeout: 80)
            let status = try JSON(bench.cli("status", mount.path, "--json").text)
            try expect(
                (status["counters"]?["watchOverflows"]?.number ?? 0) > 0, "the queue did not overflow: \(status)")
        }
    }
}

/// A fresh filesystem of a type.
private func filesystem(_ name: String, _ bench: Workbench) throws -> String {
    switch name {
    case "ext4": return try bench.ext4(megabytes: 256)
    case "xfs": return try bench.loop("mkfs.xfs -q -f", megabytes: 320, name: "xfs")
    case "btrfs": return try bench.loop("mkfs.btrfs -q -f", megabytes: 256, name: "btrfs")
    default:
        let path = try bench.make("tmpfs")
        try require("mount -t tmpfs none \"$P\"", environment: ["P": path])
        return path
    }
}

private func overlay(_ bench: Workbench) throws -> String {
    let path = try bench.make("overlay")
    let made = try bash(
        "mkdir lower upper work && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none overlay",
        in: bench.directory)
    guard made.status == 0 else { throw Skip("no overlayfs here: \(made.text)") }
    return path
}

/// Runs a Python program that must succeed, and notes what it says last.
private func python(_ program: String, _ arguments: String..., timeout: Double = 50) throws {
    let outcome = try run(["python3", "-c", program] + arguments, timeout: timeout)
    try expect(outcome.status == 0, "exit \(outcome.status): \(outcome.text.suffix(3000))")
    note(outcome.lines.last ?? "")
}
