import Glibc

/// What promotion does to page caches, and what it leaves alone.
let promotionCases: [TestCase] = [
    TestCase("Promotion/written through the mount in large pieces, ext4", limit: 60) { bench in
        try bornHuge(bench, bench.loop("mkfs.ext4 -q -F", megabytes: 400, name: "ext4"))
    },
    TestCase("Promotion/written through the mount in large pieces, xfs", limit: 60) { bench in
        try bornHuge(bench, bench.loop("mkfs.xfs -q", megabytes: 500, name: "xfs"))
    },
    TestCase("Promotion/a file on no mount of foliofs, ext4 and xfs", limit: 60) { bench in
        for (format, name) in [("mkfs.ext4 -q -F", "ext4"), ("mkfs.xfs -q", "xfs")] {
            let source = try bench.loop(format, megabytes: 400, name: name)
            try smallFolios(source + "/data")
            let promoted = try bench.cli("promote", source + "/data", "--json")
            try expectEqual(promoted.status, 0, "promote on \(name): \(promoted.text)")
            let file = try JSON(promoted.text)["files"]?.array?.first
            try expectEqual(file?["route"]?.string, "native", "route on \(name): \(promoted.text)")
            try expectEqual(file?["pmdBytes"]?.number, size, "PMD bytes on \(name): \(promoted.text)")
            try touched(bench, source + "/data", size, "on \(name)")
            try unchanged(source + "/data")
        }
    },
    TestCase("Promotion/a file whose filesystem cannot hold huge folios says why", limit: 60) { bench in
        let source = try bench.loop("mkfs.btrfs -q", megabytes: 400, name: "btrfs")
        try smallFolios(source + "/data")
        let promoted = try bench.cli("promote", source + "/data", "--json")
        try expectEqual(promoted.status, 0, "promote: \(promoted.text)")
        let file = try JSON(promoted.text)["files"]?.array?.first
        try expectEqual(file?["route"]?.string, "plain", "route: \(promoted.text)")
        try expectEqual(file?["pmdBytes"]?.number, 0, "PMD bytes: \(promoted.text)")
        let why = file?["routeReason"]?.string ?? ""
        try expect(why.contains("btrfs holds no PMD folio") && why.contains("stage"), "the reason is \"\(why)\"")
    },
    TestCase("Promotion/what others have mapped is left alone", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try smallFolios(source + "/data")
        try served(bench, source: source) { mount in
            // Maps the chunks 3 and 4, of which it touches one page each, until its input ends.
            let holder = try require(
                """
                mkfifo hold ready
                python3 -c '
                import mmap, os, sys
                fd = os.open(sys.argv[1], os.O_RDONLY)
                view = mmap.mmap(fd, 0, prot=mmap.PROT_READ)
                view[3 << 21], view[(4 << 21) + 4096 * 100]
                open("ready", "w").close()
                open("hold").read()
                ' "$S/data" >/dev/null 2>&1 &
                cat ready
                """, in: bench.directory, environment: ["S": source])
            try expectEqual(holder, "", "who maps it")
            let before = try cached(source + "/data")
            let first = try promote(bench, mount.path + "/data")
            try expectEqual(first["pmdBytes"]?.number, size - 2 * chunk, "promoted while mapped: \(first)")
            try expectEqual(first["refused"]?["mapped"]?.number, 2 * chunk, "left alone: \(first)")
            // More, where pages of other chunks had not all stayed.
            let after = try cached(source + "/data")
            try expect(after >= before, "cached bytes: nothing of them was dropped: \(after) of \(before)")
            try require(": > hold", in: bench.directory)
            try waitUntil("the mapping is gone") {
                try promote(bench, mount.path + "/data")["pmdBytes"]?.number == size
            }
            let counters = try JSON(bench.cli("status", mount.path, "--json").text)["counters"]
            try expect((counters?["refusedMapped"]?.number ?? 0) >= 2, "counted: \(String(describing: counters))")
            try touched(bench, mount.path + "/data", size, "afterwards")
            try unchanged(source + "/data")
        }
    },
    TestCase("Promotion/what is dirty is written, not dropped", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try served(bench, source: source) { mount in
            // Written page by page and not synchronized.
            try require(
                "openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c \(Int(size)) | "
                    + "dd of=data bs=4k iflag=fullblock status=none", in: mount.path)
            let outcome = try promote(bench, mount.path + "/data")
            try expectEqual(outcome["pmdBytes"]?.number, size, "promoted: \(outcome)")
            try touched(bench, mount.path + "/data", size, "afterwards")
            try unchanged(source + "/data")
        }
    },
    TestCase("Promotion/a promotion takes no more of the memory than it may", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 700)
        let available = try require("awk '/^MemAvailable/ { print $2 * 1024 }' /proc/meminfo")
        guard let memory = Double(available.trimmed), memory / 100 < 480e6 else {
            throw Skip("more than 48 GB are available: one percent of it holds the test's file")
        }
        try require("head -c 512M /dev/zero | tr '\\0' x > data && sync data", in: source)
        try require("echo 3 > /proc/sys/vm/drop_caches")
        try served(bench, source: source, ["--promotion-memory", "1"]) { mount in
            let outcome = try promote(bench, mount.path + "/data")
            let (got, refused) = (outcome["pmdBytes"]?.number ?? 0, outcome["refused"]?["memory"]?.number ?? 0)
            try expect(got > 0 && got <= memory / 95, "\(got) of \(memory) bytes: \(outcome)")
            try expectEqual(got + refused, 512 * 1_048_576, "promoted and refused: \(outcome)")
        }
    },
    TestCase("Promotion/what reclaim takes of an open file is repaired", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try smallFolios(source + "/data")
        try served(bench, source: source, ["--promote", "data", "--promotion-check", "1"]) { mount in
            let file = open(mount.path + "/data", O_RDONLY | O_CLOEXEC)
            try expect(file >= 0, "cannot open it")
            defer { close(file) }
            try touched(bench, mount.path + "/data", size, "at first touch")
            try smallFolios(source + "/data", isThere: true)
            try waitUntil("the loss is noticed and repaired") {
                let counters = try JSON(bench.cli("status", mount.path, "--json").text)["counters"]
                return (counters?["repairedBytes"]?.number ?? 0) >= size
            }
            let status = try JSON(bench.cli("status", mount.path, "--json").text)
            try expectEqual(status["counters"]?["demotedBytes"]?.number, size, "bytes lost: \(status)")
            try touched(bench, mount.path + "/data", size, "after the repair")
            try unchanged(source + "/data")
        }
    },
    TestCase("Promotion/what was lost of a closed file is repaired by its next open", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try smallFolios(source + "/data")
        try served(bench, source: source) { mount in
            // Asked for once: from then on it is kept up, though no pattern names it.
            _ = try promote(bench, mount.path + "/data")
            try smallFolios(source + "/data", isThere: true)
            try touched(bench, mount.path + "/data", size, "at the next open")
            let counters = try JSON(bench.cli("status", mount.path, "--json").text)["counters"]
            try expectEqual(counters?["repairs"]?.number, 1, "repairs: \(String(describing: counters))")
        }
    },
    TestCase("Promotion/a file that is removed gives its blocks back, and is counted no more", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try smallFolios(source + "/data")
        try require("echo plain > plain", in: source)
        let file = bench.directory + "/configuration.toml"
        try writeText("[[rule]]\nname = \"plain\"\npath = [\"plain\"]\nroutes = [\"plain\"]\n", to: file)
        func used() throws -> Int {
            Int(try require("df --output=used -B1 \"$S\" | tail -n 1", environment: ["S": source]).trimmed) ?? 0
        }
        // Looked at again in ten minutes.
        let options = ["--config", file, "--promote", "data", "--promotion-check", "600"]
        try served(bench, source: source, options) { mount in
            // From the first open without a backing file on, what is removed while it is open is kept by a descriptor.
            try require("cat plain", in: mount.path)
            try touched(bench, mount.path + "/data", size, "at first touch")
            let before = try used()
            try require("rm data", in: mount.path)
            try waitUntil("its blocks are free") { try used() <= before - Int(size) }
            try waitUntil("nothing is counted as PMD-mapped") {
                try JSON(bench.cli("status", mount.path, "--json").text)["pmdMappedBytes"]?.number == 0
            }
        }
    },
    TestCase("Promotion/not waited for, it is done behind", limit: 60) { bench in
        let source = try bench.ext4(megabytes: 400)
        try smallFolios(source + "/data")
        try served(bench, source: source) { mount in
            let asked = try bench.cli("promote", mount.path + "/data")
            try expectEqual(asked.status, 0, "promote: \(asked.text)")
            try waitUntil("it is promoted") {
                let status = try JSON(bench.cli("status", mount.path, "--json").text)
                return status["pmdMappedBytes"]?.number == size && status["promotionsPending"]?.number == 0
            }
            try touched(bench, mount.path + "/data", size, "afterwards")
        }
    },
]

private let size = 67_108_864.0
private let chunk = 2_097_152.0

/// A file of 64 MiB, whose bytes `unchanged` knows, in the page cache in folios of a page each.
private func smallFolios(_ path: String, isThere: Bool = false) throws {
    if !isThere {
        try require(
            "openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c \(Int(size)) > \"$P\"; sync \"$P\"",
            environment: ["P": path])
    }
    try require(
        """
        python3 -c '
        import os, sys
        fd = os.open(sys.argv[1], os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
        while os.read(fd, 4096): pass
        ' "$P"
        """, environment: ["P": path])
}

private func unchanged(_ path: String) throws {
    try require(
        "openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c \(Int(size)) | cmp - \"$P\"",
        environment: ["P": path])
}

/// Bytes of a file in the page cache.
private func cached(_ path: String) throws -> String {
    try require("fincore --bytes --noheadings --output RES \"$P\"", environment: ["P": path]).trimmed
}

private func promote(_ bench: Workbench, _ path: String) throws -> JSON {
    let outcome = try bench.cli("promote", path, "--wait", "--json")
    try expectEqual(outcome.status, 0, "promote: \(outcome.text)")
    return try JSON(outcome.text)["files"]?.array?.first ?? .null
}

private func touched(_ bench: Workbench, _ path: String, _ wanted: Double, _ when: String) throws {
    let sample = try JSON(require("\"$T\" \"$P\"", environment: ["T": bench.touch, "P": path]))
    try expectEqual(sample["filePmdMapped"]?.number ?? 0, wanted, "PMD-mapped \(when): \(sample)")
}

/// 8 MiB by each write(2): the page cache gets the largest folios that the filesystem makes, as without the mount. xfs leaves
/// some chunks of a file that grows in small ones.
private func bornHuge(_ bench: Workbench, _ source: String) throws {
    try served(bench, source: source) { mount in
        for place in [source + "/direct", mount.path + "/data"] {
            try require(
                "openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c \(Int(size)) | "
                    + "dd of=\"$P\" bs=8M iflag=fullblock status=none", environment: ["P": place])
        }
        let direct = try JSON(require("\"$T\" direct", in: source, environment: ["T": bench.touch]))
        let own = direct["filePmdMapped"]?.number ?? 0
        try expect(own >= size * 0.8, "the source itself: \(direct)")
        try touched(bench, mount.path + "/data", own, "as it was written")
        let status = try JSON(bench.cli("status", mount.path, "--json").text)
        try expectEqual(status["counters"]?["promotions"]?.number, 0, "nothing was promoted: \(status)")
        try unchanged(source + "/data")
    }
}

/// Asks again and again until `condition` holds; a failure after `seconds`.
func waitUntil(_ what: String, seconds: Double = 20, _ condition: () throws -> Bool) throws {
    let end = Clock.now() + seconds
    while try !condition() {
        if Clock.now() > end { throw Failure("not after \(seconds) s: \(what)") }
        poll(nil, 0, 50)
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
