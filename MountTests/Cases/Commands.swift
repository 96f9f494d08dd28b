/// Errors that a person can act on, and JSON that a program can.
let commandCases: [TestCase] = [
    TestCase("Commands/mount of a source that is not there") { bench in
        let place = try bench.make("mnt")
        for extra in [[], ["--foreground"]] {
            let outcome = try run([bench.foliofs, "mount", bench.directory + "/none", place] + extra, timeout: 15)
            try failed(outcome, 1, "none", "ENOENT")
        }
        try failed(bench.cli("mount", place, bench.directory + "/none"), 1, "none", "ENOENT")
    },
    TestCase("Commands/mount of or on what is no directory") { bench in
        let place = try bench.make("mnt")
        try require("echo x > file", in: bench.directory)
        try failed(bench.cli("mount", bench.directory + "/file", place, timeout: 15), 1, "file", "ENOTDIR")
        try failed(bench.cli("mount", place, bench.directory + "/file", timeout: 15), 1, "file", "ENOTDIR")
    },
    TestCase("Commands/mount where foliofs is mounted already") { bench in
        let source = try bench.make("source")
        try served(bench, source: source) { mount in
            for extra in [[], ["--foreground"]] {
                let again = try run([bench.foliofs, "mount", source, mount.path] + extra, timeout: 15)
                try failed(again, 1, mount.path, "EBUSY")
            }
        }
    },
    TestCase("Commands/usage") { bench in
        let place = try bench.make("mnt")
        for arguments in [
            ["mount"], ["mount", place], ["mount", place, place, "--route", "fast"],
            ["mount", place, place, "--stage-limit", "much"],
            ["mount", place, place, "-o", "nonsense"], ["mount", place, place, "--nonsense"], ["nonsense"], ["explain"],
            ["explain", place, "--operation", "magic"], ["explain", place, "--kernel", "six"],
            ["explain", place, "--kernel-config", "READ_ONLY_THP_FOR_FS"], ["promote"], ["unmount"], ["collapse"],
        ] {
            let outcome = try run([bench.foliofs] + arguments, timeout: 15)
            try expect(
                outcome.status == 2, "exit \(outcome.status) of \(arguments.joined(separator: " ")): \(outcome.text)")
            try expect(outcome.lines.first?.hasPrefix("foliofs: ") == true, "\(arguments): \(outcome.text)")
            try expectEqual(outcome.lines.count, 1, "lines of the error of \(arguments): \(outcome.text)")
        }
    },
    TestCase("Commands/help and version are no errors") { bench in
        for arguments in [["--help"], ["help", "mount"], ["--version"]] {
            let outcome = try run([bench.foliofs] + arguments, timeout: 15)
            try expect(outcome.status == 0 && !outcome.text.isEmpty, "\(arguments): \(outcome.status) \(outcome.text)")
        }
    },
    TestCase("Commands/no /dev/fuse") { bench in
        let source = try bench.make("source")
        let place = try bench.make("mnt")
        let outcome = try run(
            [
                "unshare", "--mount", "bash", "-c",
                "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && exec \"$0\" mount \"$1\" \"$2\"",
                bench.foliofs, source, place,
            ],
            timeout: 15)
        try failed(outcome, 4, "/dev/fuse", "ENOENT")
        let doctor = try run(
            [
                "unshare", "--mount", "bash", "-c",
                "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && exec \"$0\" doctor --json", bench.foliofs,
            ],
            timeout: 15)
        try expectEqual(doctor.status, 4, "doctor: \(doctor.text)")
        try JSON(doctor.text).requireKeys("kernel canMount checks", of: "doctor --json")
    },
    TestCase("Commands/not root") { bench in
        // Where others can reach it.
        let open = try require("mktemp -d /tmp/foliofs-XXXXXX").split(separator: "\n").map(String.init)[0]
        defer { _ = try? bash("rm -r \"$D\"", environment: ["D": open]) }
        try require(
            "cp \"$F\" foliofs; chmod 755 . foliofs; mkdir -m 755 source; echo hi > source/f",
            in: open, environment: ["F": bench.foliofs])
        let other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", open + "/foliofs"]
        let explained = try run(other + ["explain", open + "/source/f", "--json"], timeout: 15)
        try expectEqual(explained.status, 0, "explain without root: \(explained.text)")
        let doctor = try run(other + ["doctor"], timeout: 15)
        try expect(doctor.status == 0 || doctor.status == 4, "doctor without root: \(doctor.status) \(doctor.text)")
    },
    TestCase("Commands/a manifest that is broken") { bench in
        let source = try bench.make("source")
        let place = try bench.make("mnt")
        let plugins = try bench.make("plugins/bad")
        try require("printf 'filesystem = \"bad\"\\nnonsense = = 3\\n' > capability.toml", in: plugins)
        let outcome = try bench.cli("mount", source, place, "--plugins", bench.directory + "/plugins", timeout: 15)
        try expect(outcome.status != 0, "mounted with a broken manifest")
        try oneLine(outcome, containing: "capability.toml:2:")
        try expectEqual(outcome.status, 1, "exit code")
        let explained = try bench.cli("explain", source, "--plugins", bench.directory + "/plugins", timeout: 15)
        try failed(explained, 1, "capability.toml:2:")
        try require("printf '' > capability.toml; chmod 777 \"$PWD\" ..", in: plugins)
        let open = try bench.cli("explain", source, "--plugins", bench.directory + "/plugins", timeout: 15)
        try expect(
            open.status == 1, "a directory that everybody can write was taken: \(open.status) \(open.text.prefix(300))")
        try oneLine(open, containing: "plugins")
    },
    TestCase("Commands/a file that is not there, or not on a mount") { bench in
        let none = bench.directory + "/none"
        for command in ["explain", "collapse", "promote"] { try failed(bench.cli(command, none), 1, none, "ENOENT") }
        try require("echo x > file", in: bench.directory)
        try failed(bench.cli("status", bench.directory), 1, bench.directory, "foliofs")
        try failed(bench.cli("unmount", bench.directory), 1, bench.directory, "foliofs")
        let source = try bench.make("source")
        try served(bench, source: source) { mount in
            try require("echo x > file; rm file", in: mount.path)
            try failed(bench.cli("promote", mount.path + "/file", "--wait"), 1, "file", "ENOENT")
            try failed(bench.cli("promote", mount.path + "/file", "--wait", "--json"), 1, "file", "ENOENT")
        }
    },
    TestCase("Commands/the JSON keys of explain, collapse, promote, status and doctor") { bench in
        let source = try bench.make("source")
        try require(
            "head -c 5M /dev/urandom > file; cp file tiny; truncate -s 100 tiny; : > empty; sync file tiny", in: source)
        let explained = try bench.cli("explain", source + "/file", "--json")
        try expectEqual(explained.status, 0, "explain: \(explained.text)")
        let decision = try JSON(explained.text)
        try decision.requireKeys(
            "path filesystem kernel operation verdict orders errno scanReason missing rules chunks route routeReason",
            of: "explain --json")
        for rule in decision["rules"]?.array ?? [] { try rule.requireKeys("id outcome evidence source", of: "a rule") }
        try expectEqual(decision["chunks"]?.array?.count, 2, "chunks of a 5 MiB file")
        for path in ["/tiny", "/empty"] {
            let outcome = try bench.cli("explain", source + path, "--json")
            try expectEqual(outcome.status, 0, "explain \(path): \(outcome.text)")
        }
        let collapsed = try bench.cli("collapse", source + "/file", "--json")
        try expectEqual(collapsed.status, 0, "collapse: \(collapsed.text)")
        let report = try JSON(collapsed.text)
        try report.requireKeys("path agreed total chunks", of: "collapse --json")
        try expectEqual(report["agreed"]?.number, report["total"]?.number, "agreed of total")
        for chunk in report["chunks"]?.array ?? [] {
            try chunk.requireKeys("offset predicted observed agreed", of: "a chunk")
            try chunk["predicted"]?.requireKeys("verdict errno", of: "predicted")
            try chunk["observed"]?.requireKeys("errno pmdMapped moved scanReason", of: "observed")
        }
        try served(bench, source: source) { mount in
            let promoted = try bench.cli("promote", mount.path, "--wait", "--json")
            try expectEqual(promoted.status, 0, "promote: \(promoted.text)")
            let files = try JSON(promoted.text)["files"]?.array ?? []
            try expectEqual(files.count, 3, "files promoted")
            for file in files {
                try file.requireKeys("path route bytes eligibleBytes pmdBytes seconds", of: "a file of promote --json")
            }
            let status = try bench.cli("status", mount.path, "--json")
            try expectEqual(status.status, 0, "status: \(status.text)")
            let document = try JSON(status.text)
            try document.requireKeys(
                "mountpoint source routes pmdMappedBytes stagedBytes stageLimit counters", of: "status --json")
            try expectEqual(document["mountpoint"]?.string, mount.path, "mountpoint")
            try expectEqual(document["source"]?.string, source, "source")
            let through = try bench.cli("explain", mount.path + "/file", "--json")
            try expectEqual(through.status, 0, "explain through the mount: \(through.text)")
        }
        let doctor = try bench.cli("doctor", "--json")
        try expectEqual(doctor.status, 0, "doctor: \(doctor.text)")
        try JSON(doctor.text).requireKeys("kernel canMount checks", of: "doctor --json")
    },
    TestCase("Commands/other kernels are explained") { bench in
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 5M /dev/urandom > file; sync file", in: source)
        for (options, verdict) in [
            (["--kernel", "6.12", "--kernel-config", "READ_ONLY_THP_FOR_FS=y"], "allowed"),
            (["--kernel", "6.12", "--kernel-config", "READ_ONLY_THP_FOR_FS=n"], "denied"),
            (["--kernel", "7.3"], "allowed"),
            (["--kernel", "6.0", "--kernel-config", "READ_ONLY_THP_FOR_FS=y"], "denied"),
        ] {
            let arguments = ["explain", source + "/file", "--json", "--exec"] + options
            let outcome = try run([bench.foliofs] + arguments, timeout: 15)
            try expectEqual(outcome.status, 0, "explain: \(outcome.text)")
            let found = try JSON(outcome.text)
            try expect(
                found["verdict"]?.string == verdict,
                "\(options.joined(separator: " ")): \(found["verdict"]?.string ?? "none"), wanted \(verdict); missing \(found["missing"]?.array ?? [])"
            )
        }
    },
]

/// Requires that a command ended with `status` and one line of error that has all `words`.
func failed(_ outcome: Outcome, _ status: Int32, _ words: String...) throws {
    try expect(outcome.status == status, "exit \(outcome.status), wanted \(status): \(outcome.text)")
    try expectEqual(outcome.lines.count, 1, "lines of the error: \(outcome.text)")
    let line = outcome.lines.first ?? ""
    try expect(line.hasPrefix("foliofs: "), "the error does not start with foliofs: \(line)")
    for word in words { try expect(line.contains(word), "no \(word) in the error: \(line)") }
}
