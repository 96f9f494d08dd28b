import Glibc

/// A daemon killed at any step of promoting a chunk, as FOLIOFS_STOP_AT names them, where it is promoted by dropping it and faulting it
/// in again, and where it is collapsed.
let promotionStepCases: [TestCase] =
    ["surveyed", "writtenBack", "dropped", "faulted"].map { step in
        killed(at: step, "ext4") { try $0.ext4(megabytes: 400) }
    }
    + ["surveyed", "writtenBack", "collapsed"].map { step in
        killed(at: step, "tmpfs") { bench in
            let source = try bench.make("source")
            try require("mount -t tmpfs -o size=64m,huge=never none \"$P\"", environment: ["P": source])
            return source
        }
    }

private func killed(
    at step: String, _ filesystem: String, _ make: @escaping @Sendable (Workbench) throws -> String
) -> TestCase {
    TestCase("Promotion/killed at step \(step), the daemon leaves nothing behind, \(filesystem)", limit: 60) { bench in
        let source = try make(bench)
        try require("head -c 16777216 /dev/urandom > data", in: source)
        func state() throws -> String { try require("sha256sum data; stat -c '%s %Y %Z' data; ls -A", in: source) }
        let before = try state()
        let mount = try ServedMount(
            bench, source: source, ["--route", "native"], environment: ["FOLIOFS_STOP_AT": step])
        let silence = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(silence) }
        let asker = try ChildProcess([bench.foliofs, "promote", "--wait", mount.path + "/data"], output: silence)
        var worker = ""
        try until("a process that promotes has stopped at step \(step)") {
            worker = try bash("pgrep -P \(mount.daemon.id) -r T").text.trimmed
            return !worker.isEmpty
        }
        // Half way, the file is whole for whoever reads it.
        try sameBytes(source, mount.path, "data")
        mount.killAndRemove()
        try until("who asked for it has ended") { asker.hasEnded() }
        try until("the process that promotes has ended") { !exists("/proc/\(worker)") }
        try expectEqual(try state(), before, "the source")
        let again = try bench.cli("promote", source + "/data", "--json")
        try expectEqual(
            try JSON(again.text)["files"]?.array?.first?["pmdBytes"]?.number, 16_777_216,
            "promoted by the next: \(again.text)")
        try expectEqual(try state(), before, "the source")
    }
}
