import Glibc

/// The configuration file on real mounts: each condition, reload, refusal, and what is told of it.
let configurationCases: [TestCase] = [
    TestCase("Configuration/each condition of a rule changes the route") { bench in
        let source = try bench.ext4(megabytes: 512)
        try makeFiles(source)
        let config = try write(
            """
            [[rule]]
            name = "glob"
            path = ["data/*.glob"]
            routes = ["staged"]
            [[rule]]
            name = "size"
            size = ">=16M <17M"
            routes = ["staged"]
            [[rule]]
            name = "small"
            path = ["small"]
            size = "<64K"
            routes = ["staged"]
            [[rule]]
            name = "started"
            exec = true
            path = ["program"]
            routes = ["staged"]
            [[rule]]
            name = "library"
            kind = ["shared-object"]
            routes = ["staged"]
            [[rule]]
            name = "image"
            kind = ["elf-executable"]
            path = ["image"]
            routes = ["staged"]
            [[rule]]
            name = "mode"
            kind = ["executable"]
            path = ["script"]
            routes = ["staged"]
            [[rule]]
            name = "magic"
            magic = [{ text = "ustar", offset = 257 }, { hex = "47 47 55 46" }]
            routes = ["staged"]
            [[rule]]
            name = "owner"
            owner = [1234]
            routes = ["staged"]
            [[rule]]
            name = "group"
            group = [4321]
            routes = ["staged"]
            [[rule]]
            name = "heat"
            path = ["hot"]
            heat = { opens = 3, within = "1h" }
            routes = ["staged"]
            """, in: bench)
        try served(bench, source: source, ["--config", config]) { mount in
            /// Opens a file by `command` and says by which rule, if not a built-in one, it was served; staged then.
            func rule(_ command: String) throws -> String? {
                let before = try Served(bench, mount)
                try require(command, in: mount.path)
                let after = try Served(bench, mount)
                let rules = after.rules.filter { $0.value > before.rules[$0.key] ?? 0 }.keys
                let own = rules.filter { !["programs", "everything"].contains($0) }
                let staged = after.routes["staged", default: 0] - before.routes["staged", default: 0]
                try expectEqual(staged, own.count, "opens served staged by \(own) after: \(command)")
                return own.first
            }
            for (command, wanted) in [
                ("cat data/a.glob", "glob"), ("cat data/deep/b.glob", "glob"), ("cat a.glob", nil),
                ("cat sixteen", "size"), ("cat seventeen", nil), ("cat small", "small"), ("cat tiny", nil),
                ("cat program", nil), ("./program", "started"), ("cat library", "library"), ("cat image", "image"),
                ("cat script", "mode"), ("cat gguf", "magic"), ("cat tar", "magic"), ("cat owned", "owner"),
                ("cat grouped", "group"), ("cat hot", nil), ("cat hot", nil), ("cat hot", "heat"), ("cat plain", nil),
            ] as [(String, String?)] {
                try expectEqual(try rule(command + " > /dev/null"), wanted, "the rule after: \(command)")
            }
            try require("cmp sixteen \"$M\"/sixteen && cmp hot \"$M\"/hot", in: source, environment: ["M": mount.path])
        }
    },
    TestCase("Configuration/the first rule that matches wins, and options come before it") { bench in
        let source = try bench.ext4(megabytes: 256)
        try require("head -c 4M /dev/urandom > a.bin; cp a.bin b.bin; sync a.bin b.bin", in: source)
        let config = try write(
            """
            stage-limit = "96M"
            [[rule]]
            name = "a"
            path = ["a.*"]
            routes = ["plain"]
            [[rule]]
            name = "all"
            path = ["*"]
            routes = ["staged", "native"]
            """, in: bench)
        try served(bench, source: source, ["--config", config]) { mount in
            try require("cat a.bin b.bin > /dev/null", in: mount.path)
            let status = try Served(bench, mount)
            try expectEqual(status.rules, ["a": 1, "all": 1, "programs": 0, "everything": 0], "opens by rule")
            try expectEqual(status.routes["plain"], 1, "plain")
            try expectEqual(status.routes["staged"], 1, "staged")
            try expectEqual(status.document["stageLimit"]?.number, 96 * 1_048_576, "the limit of the file")
            try expectEqual(status.document["configuration"]?["file"]?.string, config, "the file in status")
        }
        try served(bench, source: source, ["--config", config, "--route", "native", "--stage-limit", "64M"]) { mount in
            try require("cat a.bin b.bin > /dev/null", in: mount.path)
            let status = try Served(bench, mount)
            try expectEqual(status.routes["native"], 2, "native, by the option")
            try expectEqual(status.rules["--route native"], 2, "opens by the option")
            try expectEqual(status.document["stageLimit"]?.number, 64 * 1_048_576, "the limit of the option")
        }
        let list = try bench.make("listed")
        try require(
            "\"$FOLIOFS\" mount \"$S\" listed -o config=\"$C\",stage-limit=80M && cat listed/b.bin > /dev/null",
            in: bench.directory, environment: ["FOLIOFS": bench.foliofs, "S": source, "C": config])
        let status = try JSON(bench.cli("status", list, "--json").text)
        try require("\"$FOLIOFS\" unmount listed", in: bench.directory, environment: ["FOLIOFS": bench.foliofs])
        try expectEqual(status["routes"]?["staged"]?.number, 1, "staged, with the file named in -o")
        try expectEqual(status["stageLimit"]?.number, 80 * 1_048_576, "the limit in -o")
    },
    TestCase("Configuration/a promotion happens when the rule says, and never where it says never") { bench in
        let source = try bench.ext4(megabytes: 256)
        try require(
            "for f in opened asked never; do head -c 8M /dev/urandom > $f; done; chmod +x asked never; sync .",
            in: source)
        let config = try write(
            """
            [[rule]]
            name = "at open"
            path = ["opened"]
            promote = "open"
            [[rule]]
            name = "when asked"
            path = ["asked"]
            promote = "asked"
            [[rule]]
            name = "hands off"
            path = ["never"]
            promote = "never"
            """, in: bench)
        try served(bench, source: source, ["--config", config]) { mount in
            func promotions() throws -> Double {
                try Served(bench, mount).document["counters"]?["promotions"]?.number ?? -1
            }
            try require("head -c 1 asked > /dev/null; head -c 1 never > /dev/null", in: mount.path)
            try expectEqual(try promotions(), 0, "promotions before any that is wanted")
            try require("head -c 1 opened > /dev/null", in: mount.path)
            try expectEqual(try promotions(), 1, "promotions after the open")
            let asked = try JSON(bench.cli("promote", mount.path + "/asked", "--wait", "--json").text)
            let file = asked["files"]?.array?.first
            try expectEqual(file?["pmdBytes"]?.number, 8 * 1_048_576, "PMD-mapped bytes when asked")
            let never = try JSON(bench.cli("promote", mount.path + "/never", "--wait", "--json").text)
            let reason = never["files"]?.array?.first?["routeReason"]?.string ?? ""
            try expect(reason.contains("hands off"), "why nothing was promoted: \(reason)")
            try expectEqual(try promotions(), 2, "promotions after all")
        }
    },
    TestCase("Configuration/SIGHUP and reload put a new file into force, for an inode at its next first open") {
        bench in
        let source = try bench.ext4(megabytes: 256)
        try require("head -c 4M /dev/urandom > a; cp a b; sync a b", in: source)
        let config = try write("[[rule]]\nname = \"first\"\nroutes = [\"plain\"]\n", in: bench)
        try served(bench, source: source, ["--config", config]) { mount in
            try require("cat a > /dev/null", in: mount.path)
            try expectEqual(try Served(bench, mount).routes["plain"], 1, "plain before")
            let held = open(mount.path + "/b", O_RDONLY | O_CLOEXEC)
            try expect(held >= 0, "cannot open b")
            _ = try write("[[rule]]\nname = \"second\"\nroutes = [\"staged\"]\n", in: bench)
            let reloaded = try bench.cli("reload", mount.path, "--json")
            try expectEqual(reloaded.status, 0, "reload: \(reloaded.text)")
            let answer = try JSON(reloaded.text).array?.first
            try answer?.requireKeys("mountpoint configuration rules atNextMount error", of: "reload --json")
            try expectEqual(answer?["rules"]?.number, 3, "rules in force")
            try require("cat a b > /dev/null", in: mount.path)
            try expectEqual(try Served(bench, mount).routes["staged"], 1, "staged after reload, but for what is open")
            close(held)
            try require("cat b > /dev/null", in: mount.path)
            try expectEqual(try Served(bench, mount).routes["staged"], 2, "staged when it was opened anew")

            _ = try write("stage-limit = \"1M\"\n[[rule]]\nname = \"third\"\nroutes = [\"plain\"]\n", in: bench)
            mount.daemon.signal(SIGHUP)
            let end = Clock.now() + 20
            while try Served(bench, mount).rules["third"] == nil {
                try expect(Clock.now() < end, "SIGHUP changed nothing: \(mount.said)")
            }
            try require("cat a > /dev/null", in: mount.path)
            try expectEqual(try Served(bench, mount).rules["third"], 1, "opens by the third rule")
            let again = try JSON(bench.cli("reload", mount.path, "--json").text).array?.first
            try expectEqual(again?["atNextMount"]?.array, [.string("stage-limit")], "what waits for the next mount")
        }
    },
    TestCase("Configuration/a file that is wrong is refused whole, and what was before stays") { bench in
        let source = try bench.ext4(megabytes: 256)
        try require("head -c 4M /dev/urandom > a; sync a", in: source)
        let config = try write("[[rule]]\nname = \"good\"\nroutes = [\"plain\"]\n", in: bench)
        try served(bench, source: source, ["--config", config]) { mount in
            _ = try write(
                "[[rule]]\nname = \"other\"\nroutes = [\"staged\"]\n[[rule]]\nroute = [\"native\"]\n", in: bench)
            let refused = try bench.cli("reload", mount.path)
            try expectEqual(refused.status, 1, "reload of a wrong file: \(refused.text)")
            for words in [mount.path, config + ":5:1: unknown key \"route\" in a [[rule]]; did you mean \"routes\"?"] {
                try expect(refused.text.contains(words), "reload says not \(words): \(refused.text)")
            }
            try expect(mount.said.contains(":5:1:"), "the log says nothing: \(mount.said)")
            try require("cat a > /dev/null", in: mount.path)
            let status = try Served(bench, mount)
            try expectEqual(status.rules, ["good": 1, "programs": 0, "everything": 0], "opens by rule")
            try expect(
                status.document["configuration"]?["refused"]?.string?.contains(":5:1:") == true, "status: \(status)")
            // Somebody else's to write, and gone.
            try require("echo > \"$C\"; chmod o+w \"$C\"", environment: ["C": config])
            let open = try bench.cli("reload", mount.path)
            try expect(open.status == 1 && open.text.contains("EPERM"), "a file for all to write: \(open.text)")
            try require("rm \"$C\"", environment: ["C": config])
            let gone = try bench.cli("reload", mount.path)
            try expect(gone.status == 1 && gone.text.contains("ENOENT"), "a file that is gone: \(gone.text)")
            try expectEqual(try Served(bench, mount).rules["good"], 1, "opens by the rule that stays")
            _ = try write("", in: bench)
            let mended = try bench.cli("reload", mount.path)
            try expectEqual(mended.status, 0, "an empty file: \(mended.text)")
            try expectEqual(try Served(bench, mount).document["configuration"]?["refused"], .null, "refused no more")
        }
        // At mount: exit code 2, in the foreground and in the background, and nothing mounted.
        let wrong = try write("stage-limt = \"1G\"\n[[rule]]\nsize = \"2M\"\npromote = \"open\"\n", in: bench)
        let point = try bench.make("point")
        for more in [["--foreground"], []] {
            let outcome = try run([bench.foliofs, "mount", source, point, "--config", wrong] + more)
            try expectEqual(outcome.status, 2, "mount with a wrong file: \(outcome.text)")
            for words in [
                wrong + ":1:1: unknown key \"stage-limt\" in a configuration; did you mean \"stage-limit\"?",
                wrong + ":3:8: size is \"2M\"; write \">=2M\" or \"<2M\"",
            ] {
                try expect(outcome.text.contains(words), "mount says not \(words): \(outcome.text)")
            }
            try expect(MountPoint.at(point) == nil, "it is mounted")
        }
    },
    TestCase("Configuration/explain tells which rule chose and why a route was passed over") { bench in
        let source = try bench.loop("mkfs.btrfs -q", megabytes: 200, name: "btrfs")
        try require("mkdir data; head -c 4M /dev/urandom > data/a.bin; cp data/a.bin b; sync data/a.bin b", in: source)
        let config = try write(
            """
            [[rule]]
            name = "data"
            path = ["data/*"]
            routes = ["native", "staged"]
            """, in: bench)
        func check(_ outcome: Outcome, rule: String, place: String, what: String) throws {
            try expectEqual(outcome.status, 0, "\(what): \(outcome.text)")
            let document = try JSON(outcome.text)
            try document.requireKeys("route routeRule routeReason rule promote promoteRule tried unsureRules", of: what)
            try expectEqual(document["rule"]?["name"]?.string, rule, "rule of \(what)")
            try expectEqual(document["rule"]?["place"]?.string, place, "place of \(what)")
            let tried = document["tried"]?.array ?? []
            try expectEqual(tried.first?["route"]?.string, "native", "first route of \(what)")
            try expect(
                tried.first?["obstacle"]?.string?.contains("holds no PMD folio") == true, "\(what): \(outcome.text)")
            try expectEqual(tried.last?["route"]?.string, "staged", "last route of \(what)")
            try expectEqual(tried.last?["obstacle"], .null, "obstacle of the route that is taken")
            try expectEqual(document["route"]?.string, "staged", "route of \(what)")
        }
        try served(bench, source: source, ["--config", config]) { mount in
            let file = mount.path + "/data/a.bin"
            try check(
                bench.cli("explain", file, "--json"), rule: "data", place: config + ":1", what: "explain on the mount")
            try check(
                bench.cli("explain", mount.path + "/b", "--json"), rule: "everything", place: "built in",
                what: "explain of another file")
            let text = try bench.cli("explain", file)
            for words in ["serves it, at \(mount.path): staged", "rule data", "native: passed over: ", "staged: taken"]
            {
                try expect(text.text.contains(words), "explain says not \(words): \(text.text)")
            }
        }
        try check(
            bench.cli("explain", source + "/data/a.bin", "--config", config, "--source", source, "--json"),
            rule: "data",
            place: config + ":1", what: "explain of a source")
        let unsure = try JSON(bench.cli("explain", source + "/data/a.bin", "--config", config, "--json").text)
        try expectEqual(unsure["unsureRules"]?.array, [.string("data")], "rules that cannot be judged")
    },
    TestCase("Configuration/a path is found though the source's names have left the kernel's cache") { bench in
        let source = try bench.ext4(megabytes: 256)
        try require("mkdir deep; head -c 4M /dev/urandom > deep/kept; sync deep/kept", in: source)
        let config = try write("[[rule]]\nname = \"kept\"\npath = [\"deep/kept\"]\nroutes = [\"staged\"]\n", in: bench)
        try served(bench, source: source, ["--config", config]) { mount in
            // The mount's own entry is held, so that the open comes without a lookup.
            try require(
                """
                python3 - "$M/deep/kept" <<'END'
                import os, subprocess, sys
                held = os.open(sys.argv[1], os.O_PATH)
                with open("/proc/sys/vm/drop_caches", "w") as file: file.write("2")
                subprocess.run(["cat", sys.argv[1]], stdout=subprocess.DEVNULL, check=True)
                subprocess.run(["cat", f"/proc/{os.getpid()}/fd/{held}"], stdout=subprocess.DEVNULL, check=True)
                END
                """, environment: ["M": mount.path])
            try expectEqual(try Served(bench, mount).rules["kept"], 2, "opens by the rule for the path")
        }
    },
    TestCase("Configuration/check and show") { bench in
        let right = try write("[[rule]]\nname = \"a\"\npath = [\"*.bin\"]\nroutes = [\"staged\"]\n", in: bench)
        let checked = try bench.cli("config", "check", right)
        try expectEqual(checked.status, 0, "check: \(checked.text)")
        try expect(checked.text.contains("valid, 1 rule"), checked.text)
        let shown = try bench.cli("config", "show", "--config", right)
        try require("cat > shown.conf <<'END'\n\(shown.text)END", in: bench.directory)
        let again = try bench.cli("config", "check", bench.directory + "/shown.conf")
        try expect(again.status == 0 && again.text.contains("valid, 3 rules"), "check of show: \(again.text)")
        let wrong = try write("rules = 3\n", in: bench)
        let refused = try bench.cli("config", "check", wrong, "--json")
        try expectEqual(refused.status, 1, "check of a wrong file: \(refused.text)")
        let document = try JSON(refused.text)
        try document.requireKeys("file valid problems", of: "config check --json")
        let problem = document["problems"]?.array?.first
        try problem?.requireKeys("line column message suggestion", of: "a problem")
        try expectEqual(problem?["line"]?.number, 1, "line")
        try expectEqual(try bench.cli("config", "check", bench.directory + "/none").status, 1, "check of nothing")
    },
]

/// What a mount says of itself.
private struct Served {
    let document: JSON
    var routes: [String: Int] = [:]
    var rules: [String: Int] = [:]

    init(_ bench: Workbench, _ mount: ServedMount) throws {
        let outcome = try bench.cli("status", mount.path, "--json")
        try expectEqual(outcome.status, 0, "status: \(outcome.text)")
        document = try JSON(outcome.text)
        for name in ["native", "staged", "fallback", "plain"] {
            routes[name] = document["routes"]?[name]?.number.map { Int($0) }
        }
        for rule in document["rules"]?.array ?? [] {
            if let name = rule["rule"]?.string { rules[name] = rule["opens"]?.number.map { Int($0) } }
        }
    }
}

/// Writes the case's configuration file.
private func write(_ text: String, in bench: Workbench) throws -> String {
    let path = bench.directory + "/foliofs.conf"
    try require("cat > \"$C\" <<'END'\n\(text)\nEND", environment: ["C": path])
    return path
}

private func makeFiles(_ source: String) throws {
    try require(
        """
        mkdir -p data/deep
        head -c 4M /dev/urandom > plain
        for f in data/a.glob data/deep/b.glob a.glob owned grouped hot gguf tar; do cp plain $f; done
        head -c 16M /dev/urandom > sixteen; head -c 17M /dev/urandom > seventeen
        head -c 8192 /dev/urandom > small; cp small tiny
        cp "$(type -P true)" program; truncate -s 4M program
        cp program image; chmod -x image
        cp -L "$(ldd "$(type -P true)" | sed -n 's/.*libc.so.6 => \\([^ ]*\\).*/\\1/p')" library
        chmod -x library; truncate -s 4M library
        cp plain script; chmod +x script
        printf GGUF | dd of=gguf conv=notrunc status=none
        printf ustar | dd of=tar bs=1 seek=257 conv=notrunc status=none
        chown 1234 owned; chgrp 4321 grouped
        sync .
        """, in: source)
}
