/// Claims of the built-in plugins against real filesystems: what each page cache holds is measured, way by way.
let probeCases: [TestCase] =
    ProbeImage.all.map { image in
        TestCase("Probe/\(image.name): the claims are what is measured") { bench in try image.probe(bench) }
    } + [
        TestCase("Probe/a claim that is wrong is a disagreement") { bench in
            let place = try bench.make("tmpfs")
            try require("mount -t tmpfs -o size=64m none tmpfs && mkdir -p plugins/tmpfs", in: bench.directory)
            try require(
                """
                cat > plugins/tmpfs/capability.toml <<'END'
                filesystem = "tmpfs"
                summary = "A claim that is wrong."
                [[capability]]
                orders = { min = 0, max = "pmd" }
                large_folio_writes = true
                source = "6.18 mm/shmem.c"
                confidence = "read"
                [[example]]
                given = { kernel = "6.18" }
                expect = { orders = [0, 9] }
                END
                """, in: bench.directory)
            let outcome = try bench.cli("probe", place, "--plugins", bench.directory + "/plugins")
            try expectEqual(outcome.status, 3, "exit of \(outcome.text)")
            try expect(
                outcome.text.contains("large_folio_writes: claimed true, measured false"), "said: \(outcome.text)")
            let test = try bench.cli("plugin", "test", bench.directory + "/plugins/tmpfs", "--probe", place)
            try expectEqual(test.status, 3, "exit of plugin test --probe: \(test.text)")
            try expect(test.text.contains("1 of 1 examples hold"), "said: \(test.text)")
            try require("umount \"$P\"", environment: ["P": place])
        },
        TestCase("Probe/a directory with nothing to probe says what is wanted") { bench in
            let place = try bench.make("empty")
            try require(
                "mkdir tree && mksquashfs tree image -quiet -no-progress && mount -o loop,ro image empty",
                in: bench.directory)
            let outcome = try bench.cli("probe", place)
            try expectEqual(outcome.status, 4, "exit of \(outcome.text)")
            try expect(outcome.text.contains("EROFS") && outcome.text.contains("give it one of"), outcome.text)
            try require("umount empty", in: bench.directory)
        },
    ]

/// A filesystem that is made, mounted at `mnt` and probed.
struct ProbeImage: Sendable {
    let name: String
    /// Makes and mounts it, in the case's directory.
    let script: String
    /// What is probed.
    var directory = "mnt"

    private static func image(_ name: String, _ mebibytes: Int, _ mkfs: String, options: String = "loop") -> ProbeImage
    {
        ProbeImage(
            name: name,
            script: "truncate -s \(mebibytes)M image && \(mkfs) image && mount -o \(options) image mnt")
    }

    private static let tree = "mkdir tree && head -c 9000000 /dev/urandom > tree/big && "

    private static func archive(_ name: String, _ command: String) -> ProbeImage {
        ProbeImage(name: name, script: tree + command + " && mount -o loop,ro image mnt")
    }

    private static func overlay(_ name: String, _ base: ProbeImage) -> ProbeImage {
        ProbeImage(
            name: "overlay over \(name)",
            script: base.script + " && mkdir mnt/l mnt/u mnt/w over && mount -t overlay -o "
                + "lowerdir=$PWD/mnt/l,upperdir=$PWD/mnt/u,workdir=$PWD/mnt/w overlay over", directory: "over")
    }

    static let all: [ProbeImage] = {
        let ext4 = image("ext4", 64, "mkfs.ext4 -q -F")
        let btrfs = image("btrfs", 192, "mkfs.btrfs -q -f")
        let tmpfs = ["never", "always", "within_size", "advise"].map { huge in
            ProbeImage(name: "tmpfs huge=\(huge)", script: "mount -t tmpfs -o size=64m,huge=\(huge) none mnt")
        }
        return [
            ext4, image("ext4 with blocks of 1 KiB", 64, "mkfs.ext4 -q -F -b 1024"),
            image("ext4 with the encrypt feature", 64, "mkfs.ext4 -q -F -O encrypt"),
            image("ext4 with data=journal", 64, "mkfs.ext4 -q -F", options: "loop,data=journal"),
            image(
                "ext4 whose superblock asks for data=journal", 64,
                "tune() { mkfs.ext4 -q -F $1 && tune2fs -o journal_data $1; } && tune"),
            image("ext4 with the verity feature", 64, "mkfs.ext4 -q -F -O verity"),
            image("ext2", 64, "mkfs.ext2 -q -F"), image("xfs", 320, "mkfs.xfs -q -f"), btrfs,
            archive("erofs", "mkfs.erofs --quiet image tree"),
            archive("erofs compressed", "mkfs.erofs --quiet -zlz4 image tree"),
            archive("squashfs", "mksquashfs tree image -quiet -no-progress"), overlay("ext4", ext4),
            overlay("btrfs", btrfs),
        ] + tmpfs + [ProbeImage(name: "ramfs", script: "mount -t ramfs none mnt")]
    }()

    func probe(_ bench: Workbench) throws {
        _ = try bench.make("mnt")
        let made = try bash("set -e\n" + script, in: bench.directory)
        guard made.status == 0 else {
            throw Skip(
                "cannot make \(name) (\(made.lines.last ?? "")); needs the filesystem, its mkfs and a loop device")
        }
        let place = bench.directory + "/" + directory
        let outcome = try bench.cli("probe", place, "--json")
        try expectEqual(outcome.status, 0, "exit of \(outcome.text)")
        let report = try JSON(outcome.text)
        try report.requireKeys("directory filesystem kernel ways claims checked disagreements", of: "probe --json")
        let checked = report["checked"]?.number ?? 0
        try expect(checked >= 7, "only \(Int(checked)) claims and predictions were held against a measurement")
        let backing = report["claims"]?.array?.first { $0["key"]?.string == "passthrough_backing" }
        let passthrough = try JSON(try bench.cli("doctor", "--json").text)["checks"]?.array?.first {
            $0["check"]?.string == "fuse.passthrough"
        }
        try expect(
            backing?["measured"]?.string != nil || passthrough?["ok"] == .boolean(false),
            "whether it backs passthrough was not measured: \(outcome.text)")
        let ways = report["ways"]?.array ?? []
        try expect(ways.allSatisfy { $0["orders"]?.array?.isEmpty == false }, "a way left nothing: \(outcome.text)")
        let left = try bash("ls -A \(directory) | grep foliofs-probe", in: bench.directory)
        try expectEqual(left.lines, [], "files left behind")
        try require("umount \(directory)", in: bench.directory)
    }
}
