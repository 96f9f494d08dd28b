import Glibc

/// `foliofs run`: a command through mounts of its own.
let runCases: [TestCase] = [
    TestCase("Run/the command is what it is without: exit code, signal, streams, environment, directory, arguments") {
        bench in
        let script = """
            printf '%s|' "$0" "$@"; pwd; echo "$FOLIOFS_TEST"; umask; ulimit -n; cat; echo err >&2
            trap -p PIPE; ls /proc/self/fd; cat /proc/self/status | grep -E '^(Sig(Blk|Ign|Cgt)|NoNewPrivs|Cap)'; exit 41
            """
        let words = ["bash", "-c", script, "name", "a b", "", "--", "-x", "é"]
        let directory = try bench.make("here")
        let call = "cd \"$D\"; umask 027; export FOLIOFS_TEST=$'x\\ny'; printf in | \"$@\"; echo \"rc $?\""
        let environment = ["D": directory]
        let through = try run(["bash", "-c", call, "-", bench.foliofs, "run", "--"] + words, environment: environment)
        let without = try run(["bash", "-c", call, "-"] + words, environment: environment)
        try expectEqual(through.text, without.text, "what the command said")
        for (body, status) in [("kill -TERM $$", 143), ("kill -KILL $$", 137), ("exit 0", 0), ("exit 255", 255)] {
            try expectEqual(Int(try bench.cli("run", "--", "sh", "-c", body).status), status, "exit of \(body)")
        }
        let missing = try bench.cli("run", "--", "no-such-command")
        try expectEqual(missing.status, 127, "a command that is not there: \(missing.text)")
        try expectEqual(try bench.cli("run", "--", "/etc/passwd").status, 126, "what is no program")
        try expectEqual(try bench.cli("run").status, 2, "no command")
        try gone(bench)
    },
    TestCase("Run/its program's text is mapped by PMDs, under the same path, and nothing is left afterwards") { bench in
        let source = try bench.ext4(megabytes: 128)
        try require("mkdir -p tool/bin", in: source)
        let program = source + "/tool/bin/program"
        try LargeProgram.build(.positionIndependent, at: program)
        let foretold = try LargeProgram.foretold(bench, program)
        let outcome = try bench.cli("run", "--", program)
        try expectEqual(outcome.status, 0, outcome.text)
        try expectEqual(try JSON(outcome.text)["pmd"]?.number ?? 0, foretold, "text mapped by PMDs")
        // A program in a directory of no package is covered alone.
        try require("mv tool/bin/program alone; : > beside", in: source)
        let alone = try bench.cli(
            "run", "--", "sh", "-c", "\"$0\"; stat -f -c %T \"$1\"; readlink /proc/self/exe", source + "/alone", source)
        try expectEqual(try JSON(alone.lines.first ?? "")["pmd"]?.number ?? 0, 0, "not the shell's own: \(alone.text)")
        let direct = try bench.cli("run", "--", source + "/alone")
        try expectEqual(try JSON(direct.text)["pmd"]?.number ?? 0, foretold, "of a program covered alone")
        let served = try bench.cli(
            "run", "--serve", source, "-o", "route=staged", "--", "sh", "-c", "\"$0\"", source + "/alone")
        try expectEqual(try JSON(served.text)["pmd"]?.number ?? 0, foretold, "of what --serve names, staged")
        try gone(bench)
    },
    TestCase("Run/a script's interpreter, and a program that its shell starts") { bench in
        let source = try bench.ext4(megabytes: 128)
        try require("mkdir -p tool/bin", in: source)
        let program = source + "/tool/bin/program"
        try LargeProgram.build(.positionIndependent, at: program)
        let foretold = try LargeProgram.foretold(bench, program)
        try require(
            "printf '#!%s/tool/bin/program\\n' \"$S\" > script; printf '#!/usr/bin/env -S program\\n' > found; chmod +x script found",
            in: source, environment: ["S": source])
        let script = try bench.cli("run", "--", source + "/script")
        try expectEqual(
            try JSON(script.text)["pmd"]?.number ?? 0, foretold, "of a script's interpreter: \(script.text)")
        let found = try bash(
            "PATH=\"$S/tool/bin:$PATH\" \"$F\" run -- \"$S/found\"", environment: ["S": source, "F": bench.foliofs])
        try expectEqual(try JSON(found.text)["pmd"]?.number ?? 0, foretold, "of what env finds: \(found.text)")
        try gone(bench)
    },
    TestCase("Run/nothing outside sees the mounts, and changes through them are the source's") { bench in
        let source = try bench.ext4(megabytes: 64)
        let before = MountPoint.all().map(\.path)
        let process = try WaitingProcess(
            [
                bench.foliofs, "run", "--serve", source, "--", "sh", "-c",
                "echo ready; read line; echo $line > \"$0/made\"", source,
            ],
            bench)
        try expectEqual(MountPoint.all().map(\.path), before, "mounts outside")
        let inside = try require(
            "grep -c fuse.foliofs \"/proc/$P/mountinfo\"", environment: ["P": String(process.child.id)])
        try expectEqual(inside.filter(\.isNumber), "2", "mounts inside")
        try expectEqual(process.finish(), 0, "exit")
        try expect(exists(source + "/made"), "what was made is not in the source")
        try gone(bench)
    },
    TestCase("Run/what the mount beneath forbids is forbidden") { bench in
        let place = try bench.make("t")
        try require(
            "mount -t tmpfs -o nosuid,nodev none t && cp /usr/bin/id t/id && chmod 4755 t/id && mknod t/null c 1 3",
            in: bench.directory)
        defer { umount2(place, 2) }  // MNT_DETACH
        let outcome = try bench.cli(
            "run", "--serve", place, "--", "sh", "-c",
            "setpriv --reuid 65534 --clear-groups \"$0/id\" -u; echo > \"$0/null\" || echo refused; grep \" $0 .*fuse.foliofs\" /proc/self/mountinfo",
            place)
        try expectEqual(outcome.lines.first, "65534", outcome.text)
        try expect(outcome.text.contains("refused"), outcome.text)
        try expect(outcome.lines.last?.contains("nosuid,nodev") == true, outcome.text)
        try gone(bench)
    },
    TestCase("Run/killed at any moment it leaves no server and no mount", limit: 120) { bench in
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        // From before its first server to long after the command has begun.
        for step in 0..<40 {
            let process = try ChildProcess([bench.foliofs, "run", "--", "sleep", "60"], output: null)
            let end = Clock.now() + Double(step) * 0.004
            while Clock.now() < end { poll(nil, 0, 1) }
            process.signal(step % 2 == 0 ? SIGKILL : SIGTERM)
            _ = process.wait(seconds: 10)
        }
        try gone(bench)
    },
    TestCase("Run/a child that outlives the command keeps its mounts, and the server ends with it") { bench in
        let source = try bench.ext4(megabytes: 64)
        let file = source + "/late"
        try require("mkfifo go", in: bench.directory)
        let outcome = try bench.cli(
            "run", "--serve", source, "--", "bash", "-c",
            "(read line < \"$0\"; stat -f -c %T \"$1\" > \"$1/late\") > /dev/null 2>&1 & disown; stat -f -c %T \"$1\"",
            bench.directory + "/go", source)
        try expectEqual(outcome.status, 0, outcome.text)
        try expect(!servers(bench).isEmpty, "the server has ended while a process sees its mount")
        try require("echo > go", in: bench.directory)
        try gone(bench)
        try expectEqual(readText(file), outcome.text, "filesystem that the child saw")
    },
    TestCase("Run/in a mount of FolioFS, and inside itself") { bench in
        let twice = try bench.cli(
            "run", "--", bench.foliofs, "run", "--", "sh", "-c", "grep -c ' /usr .*fuse.foliofs' /proc/self/mountinfo")
        try expectEqual(twice.lines.last, "1", twice.text)
        try gone(bench)
    },
    TestCase("Run/without root it says what is missing") { bench in
        let user = try OtherUser(bench)
        let outcome = try user.bash("\"$FOLIOFS\" run -- true")
        try expectEqual(outcome.status, 4, outcome.text)
        try oneLine(outcome, containing: "EPERM", "run it as root")
        let namespace = try user.bash("unshare -Ur \"$FOLIOFS\" run -- true")
        if namespace.text.contains("unshare") {
            note("no user namespaces here: \(namespace.lines.last ?? "")")
        } else {
            try expectEqual(namespace.status, 4, namespace.text)
        }
        let option = try bench.cli("run", "-o", "no-such-option", "--", "true")
        try expectEqual(option.status, 2, option.text)
        try oneLine(option, containing: "no-such-option")
        try gone(bench)
    },
]

/// The servers of private mounts that are running, by their ids.
private func servers(_ bench: Workbench) -> [String] {
    let said = try? bash(
        "for p in /proc/[0-9]*; do [ $p/exe -ef \"$F\" ] && tr '\\0' ' ' < $p/cmdline | grep -q -e '--until-closed' && echo ${p#/proc/}; done",
        environment: ["F": bench.foliofs])
    return said?.lines ?? []
}

/// Waits until the servers of private mounts are gone, and requires that no mount is left.
private func gone(_ bench: Workbench) throws {
    let end = Clock.now() + 10
    while true {
        let left = servers(bench)
        if left.isEmpty { break }
        if Clock.now() > end { throw Failure("servers left: \(left.joined(separator: " "))") }
        poll(nil, 0, 20)
    }
    let mounts = MountPoint.all().filter { $0.path.hasPrefix("/run/foliofs") || $0.type == "fuse.foliofs" }
    try expect(mounts.isEmpty, "left mounted: \(mounts.map(\.path))")
    let sockets = try bash("ls /run/foliofs/run")
    try expectEqual(sockets.text, "", "left in /run/foliofs/run")
}
