import Glibc

/// The steps by which a copy comes to serve a file, as FOLIOFS_STOP_AT and FOLIOFS_FAIL_AT name them.
private let steps = ["reserved", "created", "sized", "begun", "copied", "verified", "published", "backed"]

/// A failure at any step of staging, and a kill at any step.
let stagingStepCases: [TestCase] =
    steps.map { step in
        TestCase("Staging/a failure at step \(step) leaves the file served plain and nothing behind") { bench in
            let source = try bench.make("source")
            try require("head -c 9000000 /dev/urandom > file", in: source)
            try served(bench, source: source, ["--route", "staged"], environment: ["FOLIOFS_FAIL_AT": step]) { mount in
                for _ in 0..<2 { try sameBytes(source, mount.path, "file") }
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                try expectEqual(status["routes"]?["staged"]?.number, 0, "files served staged")
                try expectEqual(status["routes"]?["plain"]?.number, 2, "files served plain")
                try expectEqual(status["stagedBytes"]?.number, 0, "bytes reserved")
                try expectEqual(status["staging"]?["usedBytes"]?.number, 0, "bytes used")
                try expectEqual(status["staging"]?["copies"]?.number, 0, "copies")
            }
        }
    }
    + steps.map { step in
        TestCase("Staging/killed at step \(step), the daemon leaves nothing behind") { bench in
            let source = try bench.make("source")
            try require("head -c 134217728 /dev/urandom > file; sync file", in: source)
            let before = try require("sha256sum file; stat -c '%s %Y %Z' file; ls -A", in: source)
            let shared = try sharedMemory()
            let mount = try ServedMount(
                bench, source: source, ["--route", "staged"], environment: ["FOLIOFS_STOP_AT": step])
            let silence = open("/dev/null", O_WRONLY | O_CLOEXEC)
            defer { close(silence) }
            let reader = try ChildProcess(["cat", mount.path + "/file"], output: silence)
            try until("the daemon has stopped at step \(step)") {
                (readText("/proc/\(mount.daemon.id)/stat") ?? "").contains(") T ")
            }
            if ["copied", "verified", "published", "backed"].contains(step) {
                try expect(try sharedMemory() > shared + (100 << 20), "no copy in memory at step \(step)")
            }
            mount.killAndRemove()
            try until("the reader has ended") { reader.hasEnded() }
            try until("the copy's memory is given back") { try sharedMemory() < shared + (60 << 20) }
            try expectEqual(
                try require("sha256sum file; stat -c '%s %Y %Z' file; ls -A", in: source), before, "the source")
        }
    }

/// Bytes of tmpfs and other shared memory of the machine.
private func sharedMemory() throws -> Int {
    let line = (readText("/proc/meminfo") ?? "").split(separator: "\n").first { $0.hasPrefix("Shmem:") }
    guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
        throw Failure("no Shmem in /proc/meminfo")
    }
    return kilobytes * 1024
}
