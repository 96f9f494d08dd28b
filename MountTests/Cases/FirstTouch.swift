import Glibc

/// What a mount is for, with nobody asking for it: files are promoted as they are opened, and the first touch by a program that
/// knows nothing of it maps every whole chunk by a PMD, on filesystems of every kind.
let firstTouchCases: [TestCase] = [
    TestCase("FirstTouch/ext4, native", limit: 200) { bench in
        let source = try bench.loop("mkfs.ext4 -q -F", megabytes: 700, name: "ext4")
        try firstTouch(bench, fill(bench, source), route: "native", key: "filePmdMapped")
    },
    TestCase("FirstTouch/xfs, native", limit: 200) { bench in
        let source = try bench.loop("mkfs.xfs -q", megabytes: 700, name: "xfs")
        try firstTouch(bench, fill(bench, source), route: "native", key: "filePmdMapped")
    },
    TestCase("FirstTouch/btrfs, staged", limit: 200) { bench in
        let source = try bench.loop("mkfs.btrfs -q", megabytes: 900, name: "btrfs")
        try firstTouch(bench, fill(bench, source), route: "staged", key: "shmemPmdMapped")
    },
    TestCase("FirstTouch/squashfs, staged", limit: 200) { bench in
        try archived(bench, "squashfs", "mksquashfs tree image -noD -noI -noF -quiet -no-progress >/dev/null")
    },
    TestCase("FirstTouch/erofs, compressed, native", limit: 200) { bench in
        // Its page cache holds huge folios of what is decompressed into it, from 6.11 on.
        try archived(
            bench, "erofs", "mkfs.erofs --quiet -zlz4 image tree", route: "native", key: "filePmdMapped")
    },
    TestCase("FirstTouch/erofs, compressed, staged where that is asked for", limit: 200) { bench in
        try archived(bench, "erofs", "mkfs.erofs --quiet -zlz4 image tree", ["--route", "staged"])
    },
    TestCase("FirstTouch/overlay, staged", limit: 200) { bench in
        // Passthrough to overlayfs is one filesystem too many on another.
        let lower = try bench.loop("mkfs.ext4 -q -F", megabytes: 700, name: "lower")
        try fill(bench, lower)
        let source = try bench.make("merged")
        try require(
            "mkdir tmp && mount -t tmpfs tmpfs tmp && mkdir tmp/upper tmp/work && "
                + "mount -t overlay -o lowerdir=lower,upperdir=tmp/upper,workdir=tmp/work overlay merged",
            in: bench.directory)
        try firstTouch(bench, source, route: "staged", key: "shmemPmdMapped")
    },
    TestCase("FirstTouch/another FUSE filesystem, staged", limit: 200) { bench in
        guard try bash("command -v bindfs").status == 0 else { throw Skip("no bindfs; make deps installs it") }
        let below = try bench.loop("mkfs.ext4 -q -F", megabytes: 700, name: "below")
        try fill(bench, below)
        let source = try bench.make("bound")
        try require("bindfs below bound", in: bench.directory)
        defer { umount2(source, 2) }
        try firstTouch(bench, source, route: "staged", key: "shmemPmdMapped")
    },
]

/// 100 MiB of data, and a compiler.
@discardableResult
private func fill(_ bench: Workbench, _ source: String) throws -> String {
    // A quarter of each page is random, so that it can be compressed but not to nothing.
    try require(
        "python3 -c 'import os, sys; [sys.stdout.buffer.write(os.urandom(1024) + bytes(3072)) for _ in range(25600)]' "
            + "> \"$S/data.bin\" && cp \"$C\" \"$S/compiler\" && sync -f \"$S\"",
        environment: ["S": source, "C": try bigCompiler()])
    return source
}

private func archived(
    _ bench: Workbench, _ type: String, _ command: String, _ options: [String] = [], route: String = "staged",
    key: String = "shmemPmdMapped"
) throws {
    let program = String(command.prefix { $0 != " " })
    guard try bash("command -v \(program) && grep -qw \(type) /proc/filesystems").status == 0 else {
        throw Skip("no \(program) or no \(type) in this kernel; make deps installs the former")
    }
    try fill(bench, try bench.make("tree"))
    let source = try bench.make(type)
    try require("\(command); rm -r tree; mount -t \(type) -o loop,ro image \(type)", in: bench.directory)
    try firstTouch(bench, source, options, route: route, key: key)
}

private func firstTouch(
    _ bench: Workbench, _ source: String, _ options: [String] = [], route: String, key: String
) throws {
    let program = bench.directory + "/program.c"
    try require(
        "awk 'BEGIN { for (i = 0; i < 500; i++) printf \"double f%d(double a, int n) { for (int i = 0; i < n; i++) "
            + "a += i * %d; return a; }\\n\", i, i }' > \"$P\"", environment: ["P": program])
    try require("echo 3 > /proc/sys/vm/drop_caches")
    try served(bench, source: source, ["--promote", "*.bin", "--stage-limit", "1G"] + options) { mount in
        let data = try JSON(require("\"$T\" data.bin", in: mount.path, environment: ["T": bench.touch]))
        try expectEqual(data[key]?.number ?? 0, 104_857_600, "the data, of 50 whole chunks: \(data)")
        let outcome = try run(
            [
                bench.observe, "/compiler", mount.path + "/compiler", "-x", "c", "-O1", "-c", program, "-o",
                bench.directory + "/program.o",
            ], timeout: 120)
        try expectEqual(outcome.status, 0, "the compiler: \(outcome.text.suffix(800))")
        let text = try JSON(outcome.lines.last ?? "")
        let (resident, mapped) = (text["rss"]?.number ?? 0, text[key]?.number ?? 0)
        try expect(
            mapped > 16e6 && resident - mapped < 2 * 2_097_152, "the text, all but its two ends: \(text), \(mount.said)"
        )
        let status = try JSON(bench.cli("status", mount.path, "--json").text)
        try expectEqual(status["routes"]?[route]?.number ?? 0, 2, "first opens by \(route): \(status)")
        for name in ["data.bin", "compiler"] {
            try require("cmp \"$A/\(name)\" \"$B/\(name)\"", environment: ["A": source, "B": mount.path])
        }
    }
}
