/// What plugin authors do, from nothing to a plugin that answers; and what a bad plugin costs.
let pluginCases: [TestCase] = [
    TestCase("Plugins/a new manifest validates and passes its own test at once") { bench in
        try require(
            "\"$F\" plugin new myfs && \"$F\" plugin validate myfs && \"$F\" plugin test myfs", in: bench.directory,
            environment: ["F": bench.foliofs])
        try expectEqual(try bash("ls myfs", in: bench.directory).lines, ["capability.toml"], "what was made")
        let again = try bash("\"$F\" plugin new myfs", in: bench.directory, environment: ["F": bench.foliofs])
        try expect(again.status == 1 && again.text.contains("EEXIST"), "a second time: \(again.text)")
        let bad = try bash("\"$F\" plugin new ../x", in: bench.directory, environment: ["F": bench.foliofs])
        try expectEqual(bad.status, 2, "exit of a name that is a path: \(bad.text)")
    },
    native("c", needs: "cc", limit: 60), native("swift", needs: "swiftc", limit: 240),
    TestCase("Plugins/explain asks the library, and says what it said") { bench in
        let made = try bash(
            "\"$F\" plugin new tmpfs --native c && make -C tmpfs", in: bench.directory,
            environment: ["F": bench.foliofs])
        guard made.status == 0 else { throw Skip("no C compiler; make deps installs gcc") }
        try require(
            """
            mkdir plugins mnt && mv tmpfs plugins/ && mount -t tmpfs -o size=16m none mnt && head -c 4194304 /dev/zero > mnt/f
            """, in: bench.directory)
        // No stripe= there: the library abstains, the rows answer.
        let answer = try bench.cli(
            "explain", bench.directory + "/mnt/f", "--plugins", bench.directory + "/plugins", "--operation", "fault",
            "--json")
        try expectEqual(answer.status, 0, "exit of \(answer.text)")
        let evidence = try JSON(answer.text)["rules"]?.array?.map { $0["evidence"]?.string ?? "" } ?? []
        try expect(evidence.contains { $0.contains("capability.orders=0 to 9") }, "rules: \(evidence)")
        // A library that is not there costs the answer, and says why.
        try require("rm plugins/tmpfs/tmpfs.so", in: bench.directory)
        let without = try bench.cli(
            "explain", bench.directory + "/mnt/f", "--plugins", bench.directory + "/plugins", "--operation", "fault")
        try expectEqual(without.status, 0, "exit of \(without.text)")
        try expect(without.text.contains("plugin.tmpfs.so is missing"), "said: \(without.text)")
        try expect(without.text.contains("cannot be loaded"), "said: \(without.text)")
        let list = try bench.cli("plugin", "list", "--plugins", bench.directory + "/plugins")
        try expect(
            list.lines.contains { $0.contains("plugins/tmpfs") && $0.contains("cannot be loaded") },
            "list: \(list.text)")
        try expect(
            list.lines.contains { $0.contains("Plugins/tmpfs/") && $0.contains("tmpfs is answered by") },
            "list: \(list.text)")
        try require("umount mnt", in: bench.directory)
    },
    TestCase("Plugins/a directory or a library that others can write is refused") { bench in
        try require(
            "\"$F\" plugin new myfs --native c && mkdir plugins && mv myfs plugins && chmod 777 plugins && touch plugins/myfs/myfs.so",
            in: bench.directory, environment: ["F": bench.foliofs])
        let folder = try bench.cli("plugin", "list", "--plugins", bench.directory + "/plugins")
        try expect(folder.status == 1 && folder.text.contains("refused"), folder.text)
        try require("chmod 755 plugins && chmod 666 plugins/myfs/myfs.so", in: bench.directory)
        let library = try bench.cli("plugin", "list", "--plugins", bench.directory + "/plugins")
        try expect(library.status == 1 && library.text.contains("myfs.so: refused"), library.text)
    },
    TestCase("Plugins/overlay's plugin finds the layer, fuse's what is behind") { bench in
        try require(
            """
            mkdir t o s && mount -t tmpfs -o size=64m,huge=always none t && mkdir t/l t/u t/w
            head -c 4194304 /dev/zero > t/l/low && mount -t overlay -o lowerdir=$PWD/t/l,upperdir=$PWD/t/u,workdir=$PWD/t/w overlay o
            head -c 4194304 /dev/zero > o/high
            """, in: bench.directory)
        for name in ["low", "high"] {
            let answer = try bench.cli("explain", bench.directory + "/o/" + name, "--operation", "fault")
            try expect(answer.text.contains("on overlay over tmpfs"), answer.text)
            try expect(answer.text.contains("ovl_mmap()"), answer.text)
        }
        let list = try bench.cli("plugin", "list")
        try expect(
            list.text.contains("native plugin overlay 1.0") && list.text.contains("native plugin fuse 1.0"), list.text)
        try require("umount o t", in: bench.directory)
        let source = try bench.ext4(megabytes: 64)
        try require("head -c 4194304 /dev/zero > f", in: source)
        try served(bench, source: source, ["--route", "native", "--promotion", "none"]) { mount in
            let answer = try bench.cli("explain", mount.path + "/f", "--operation", "fault")
            try expect(answer.text.contains("on fuse.foliofs over ext4"), answer.text)
        }
    },
    TestCase("Plugins/validate says everything that is wrong, with its place") { bench in
        try require(
            """
            mkdir bad && printf 'filesystem = "bad"\\n[[capability]]\\nkernel = "6.16+"\\norders = "none"\\n' > bad/capability.toml
            """, in: bench.directory)
        let outcome = try bench.cli("plugin", "validate", bench.directory + "/bad")
        try expectEqual(outcome.status, 1, "exit of \(outcome.text)")
        try expect(outcome.text.contains("capability.toml:3:10: kernel is \"6.16+\"; write \">=6.16\""), outcome.text)
        try expect(
            outcome.text.contains("capability.toml:2:1: a [[capability]] row lacks the key \"source\""), outcome.text)
        let schema = try JSON(try bench.cli("plugin", "validate", "--schema").text)
        try schema.requireKeys("$schema properties $defs", of: "the schema")
        try expectEqual(try bench.cli("plugin", "validate").status, 0, "exit for those that are built in")
    },
]

private func native(_ language: String, needs compiler: String, limit: Double) -> TestCase {
    TestCase("Plugins/a new plugin in \(language) validates, builds and passes its own test at once", limit: limit) {
        bench in
        guard try bash("command -v \(compiler)").status == 0 else { throw Skip("no \(compiler) on PATH") }
        let said = try require(
            "\"$F\" plugin new myfs --native \(language) && make -C myfs test FOLIOFS=\"$F\"", in: bench.directory,
            environment: ["F": bench.foliofs], timeout: limit - 10)
        try expect(said.contains("2 of 2 examples hold"), said)
        try expect(said.contains("myfs 1.0: the library answers all 2 questions"), said)
    }
}
