/// Huge pages by the routes of other kernels than this machine's, in virtual machines.
let guestRouteCases: [TestCase] = [
    TestCase("Guests/6.1 maps data and text by the fallback", limit: 200) { bench in
        // There is no passthrough at all: what the policy chooses by itself.
        try fallback(bench, try GuestKernel.find(["6.1-rothp"]), options: "")
    },
    TestCase("Guests/6.12 maps data and text by the fallback", limit: 200) { bench in
        try fallback(bench, try GuestKernel.find(["6.12-rothp"]), options: "--route fallback")
    },
    TestCase("Guests/7.3 collapses the source through passthrough", limit: 200) { bench in
        try firstTouch(
            bench, try GuestKernel.find(["7.3", "7.3-filesystems"]),
            [
                GuestSource(name: "ext4", script: GuestSource.image("ext4", 200, "mkfs.ext4 -q")),
                GuestSource(name: "xfs", script: GuestSource.image("xfs", 320, "mkfs.xfs -q")),
            ],
            programs: ["mkfs.ext4", "mkfs.xfs"], route: "native", key: "filePmdMapped", reason: "MADV_COLLAPSE")
    },
    TestCase("Guests/vfat is staged, and NFS where that is asked for", limit: 200) { bench in
        let nfs = GuestImage.nfs[0]
        try firstTouch(
            bench, try GuestKernel.find(["7.3-filesystems"]),
            [
                GuestSource(name: "vfat", script: GuestSource.image("vfat", 200, "mkfs.vfat")),
                // Its page cache holds huge folios in this kernel: left to the policy it is native.
                GuestSource(name: nfs.name, script: nfs.script, options: "--route staged"),
            ],
            programs: ["mkfs.vfat"] + nfs.programs, route: "staged", key: "shmemPmdMapped", reason: "tmpfs")
    },
]

/// A filesystem that is mounted in a guest, as a source.
private struct GuestSource {
    let name: String
    /// Makes and mounts it at `$name`.
    let script: String
    /// What `foliofs mount` is told besides.
    var options = ""

    static func image(_ type: String, _ mebibytes: Int, _ command: String) -> String {
        "truncate -s \(mebibytes)M \(type).img && \(command) \(type).img >log 2>&1 && mount -t \(type) -o loop \(type).img \(type)"
    }
}

/// The compiler proper of gcc: a program of 30 MB that is loaded at a fixed address.
private func compiler() throws -> String {
    let found = try bash("gcc -print-prog-name=cc1").text.trimmed
    guard found.hasPrefix("/") else { throw Skip("no cc1; make deps installs gcc") }
    return found
}

/// What every script begins with: 16 MiB of data and the compiler in `$1`, a program for it to work on, and waiting.
private let prelude = """
    set -e
    mount -t fusectl fusectl /sys/fs/fuse/connections
    awk 'BEGIN { for (i = 0; i < 30; i++) printf "double f%d(double a, int n) { for (int i = 0; i < n; i++) a += i * %d; \
    return a; }\\n", i, i }' > program.c
    fill() { head -c 16777216 /dev/urandom > $1/data; cp /bin/cc1 $1/program; sync; }
    reaches() {
        tries=0
        until foliofs status mnt --json | grep -qE '"'$1'" : '$2',?$'; do
            tries=$((tries + 1)); [ $tries -lt 300 ] || { echo "$1 is never $2"; foliofs status mnt; exit 1; }
            usleep 100000
        done
    }
    settled() { reaches promotionsPending 0; }
    part() { echo "==== $*"; }
    compile() { observe /program mnt/program -quiet -fpreprocessed -O2 program.c -o program.s | tail -1; }

    """

/// All of it by the first touch of files that nobody has asked for.
private func firstTouch(
    _ bench: Workbench, _ kernel: GuestKernel, _ sources: [GuestSource], programs: [String], route: String,
    key: String, reason: String
) throws {
    let guest = Guest(bench: bench, kernel: kernel, programs: programs + [try compiler(), bench.touch, bench.observe])
    let steps = sources.map { source in
        """
        mkdir -p \(source.name) mnt
        \(source.script)
        fill \(source.name)
        echo 3 > /proc/sys/vm/drop_caches
        foliofs mount \(source.name) mnt --promote data --stage-limit 256M \(source.options)
        part \(source.name) data; /bin/touch mnt/data
        part \(source.name) text; compile
        part \(source.name) status; foliofs status mnt --json
        part \(source.name) promoted; foliofs promote --wait mnt/data --json
        settled; part \(source.name) end; cmp mnt/program \(source.name)/program; foliofs unmount mnt
        """
    }
    let outcome = try guest.run(prelude + steps.joined(separator: "\n"), limit: 190)
    try expectEqual(outcome.status, 0, "exit of \(outcome.text.suffix(1500))")
    let parts = GuestText.sections(outcome.text)
    for source in sources {
        let data = try JSON(parts["\(source.name) data"] ?? "")
        try expectEqual(
            data[key]?.number ?? 0, 16_777_216,
            "the data of \(source.name): \(data); \(parts["\(source.name) status"] ?? ""); \(parts["\(source.name) promoted"] ?? "")"
        )
        try wholeText(parts["\(source.name) text"], key, source.name)
        let status = try JSON(parts["\(source.name) status"] ?? "")
        try expect((status["routes"]?[route]?.number ?? 0) >= 2, "routes of \(source.name): \(status)")
        let promoted = try JSON(parts["\(source.name) promoted"] ?? "")["files"]?.array?.first
        try expect(
            promoted?["routeReason"]?.string?.contains(reason) == true,
            "\(source.name): \(String(describing: promoted))")
    }
    note("Linux \(kernel.name): \(sources.map(\.name).joined(separator: ", "))")
}

/// The page cache of the mount itself: promoted behind the open that asks for it, undone by an open for writing, done again after it.
private func fallback(_ bench: Workbench, _ kernel: GuestKernel, options: String) throws {
    let guest = Guest(
        bench: bench, kernel: kernel, programs: ["mkfs.ext4", try compiler(), bench.touch, bench.observe])
    let outcome = try guest.run(
        prelude + """
            mkdir ext4 mnt
            \(GuestSource.image("ext4", 200, "mkfs.ext4 -q"))
            fill ext4
            # From a disk: what a kernel without its configuration is built with is tried on the program itself.
            cp /bin/foliofs ext4/foliofs
            ext4/foliofs mount ext4 mnt --promote data \(options)
            part opened; /bin/touch mnt/data
            settled; part data; /bin/touch mnt/data
            exec 3<>mnt/data
            part writer; /bin/touch mnt/data
            printf changed >&3
            exec 3>&-
            # close(2) does not wait for the release that asks for it: there may be nothing pending yet.
            reaches repairedBytes 16777216; part again; /bin/touch mnt/data
            part content; cmp mnt/data ext4/data && head -c 7 mnt/data; echo
            part promoted; foliofs promote --wait mnt/program --json
            part text; compile
            part status; foliofs status mnt --json
            settled; part end; foliofs unmount mnt
            """, limit: 190)
    try expectEqual(outcome.status, 0, "exit of \(outcome.text.suffix(1500))")
    let parts = GuestText.sections(outcome.text)
    for (name, wanted) in [("data", 16_777_216.0), ("writer", 0), ("again", 16_777_216)] {
        let sample = try JSON(parts[name] ?? "")
        try expectEqual(sample["filePmdMapped"]?.number ?? -1, wanted, "\(name): \(sample)")
    }
    try expectEqual(parts["content"]?.trimmed, "changed", "what was written")
    try wholeText(parts["text"], "filePmdMapped", kernel.name)
    let status = try JSON(parts["status"] ?? "")
    try expect((status["routes"]?["fallback"]?.number ?? 0) >= 2, "routes: \(status)")
    try expectEqual(status["counters"]?["repairedBytes"]?.number ?? 0, 16_777_216, "done again: \(status)")
    let promoted = try JSON(parts["promoted"] ?? "")["files"]?.array?.first
    try expectEqual(promoted?["route"]?.string, "fallback", "route: \(String(describing: promoted))")
    note("Linux \(kernel.name)")
}

/// All resident text but what is less than a chunk at either end of it.
private func wholeText(_ said: String?, _ key: String, _ name: String) throws {
    let text = try JSON(said ?? "")
    let (resident, mapped) = (text["rss"]?.number ?? 0, text[key]?.number ?? 0)
    try expect(mapped > 8e6 && resident - mapped < 2 * 2_097_152, "the text of \(name): \(text)")
}
