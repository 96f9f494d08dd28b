/// `foliofs map`: what it draws is what the page cache holds.
let mapCases: [TestCase] = [
    TestCase("Map/a file half cached, half in PMD folios, and a hole") { bench in
        let source = try bench.loop("mkfs.ext4 -q -F", megabytes: 64, name: "source")
        try require(
            "head -c 8M /dev/urandom > file; truncate -s 12M file; sync",
            in: source)
        // Nothing, then a page of the second chunk, then what one write of a whole chunk leaves.
        try require(
            "echo 3 > /proc/sys/vm/drop_caches; dd if=file of=/dev/null bs=4k skip=512 count=1 2>/dev/null", in: source)
        try require("dd if=/dev/urandom of=file bs=2M seek=3 count=1 conv=notrunc 2>/dev/null", in: source)
        let map = try JSON(require([bench.foliofs, "map", source + "/file", "--json"].joined(separator: " ")))
        try map.requireKeys("path filesystem size cachedBytes pmdMappedBytes pageSize pmdSize folios runs", of: "map")
        let runs = map["runs"]?.array ?? []
        func order(at offset: Int) -> Double?? {
            runs.first { run in
                guard let start = run["offset"]?.number, let length = run["length"]?.number else { return false }
                return start <= Double(offset) && Double(offset) < start + length
            }.map { $0["order"]?.number }
        }
        try expect(order(at: 0) == nil, "the first page is cached: \(map)")
        try expectEqual(order(at: 6 << 20), .some(9), "order of what was written at once")
        try expectEqual(order(at: 10 << 20), nil, "the hole")
        try expectEqual(map["pmdMappedBytes"]?.number, 2_097_152, "bytes mapped by PMDs")
        try expect(order(at: 2 << 20) != nil, "what was read is not cached")
        let drawn = try require("\(bench.foliofs) map file", in: source)
        try expect(drawn.contains("#") && !drawn.contains("\u{1b}"), "drawn into a pipe: \(drawn)")
        try require("\(bench.foliofs) map file --html map.html && \(bench.foliofs) map file --svg map.svg", in: source)
        try require(
            "python3 -c 'import xml.dom.minidom as m; m.parse(\"map.svg\")' && grep -q '<svg' map.html", in: source)
    },
    TestCase("Map/through a mount and an overlay it is the page cache of the file that is mapped") { bench in
        let source = try bench.loop("mkfs.ext4 -q -F", megabytes: 64, name: "source")
        try require("head -c 6M /dev/urandom > file; sync", in: source)
        let overlay = try bench.make("overlay")
        try require(
            "mkdir upper work merged; mount -t overlay none -o lowerdir=\(source),upperdir=upper,workdir=work merged",
            in: overlay)
        defer { _ = try? bash("umount -l merged", in: overlay) }
        try served(bench, source: source) { mount in
            try require("echo 3 > /proc/sys/vm/drop_caches; dd if=file of=/dev/null bs=1M count=4", in: source)
            // Nothing of it is in the page caches of the two themselves.
            for place in [mount.path, overlay + "/merged"] {
                let map = try JSON(bench.cli("map", place + "/file", "--json").text)
                try expect((map["cachedBytes"]?.number ?? 0) >= 4_194_304, "by \(place): \(map)")
            }
        }
    },
    TestCase("Map/who may not know is told so, and what is no file is refused") { bench in
        let source = try bench.make("source")
        try require("head -c 4M /dev/zero > file; mkfifo pipe", in: source)
        let other = try run(
            ["setpriv", "--reuid", "4242", "--regid", "4242", "--clear-groups", bench.foliofs, "map", source + "/file"])
        try expectEqual(other.status, 1, other.text)
        try expect(other.text.contains("EPERM"), other.text)
        for (name, failure) in [("pipe", "EINVAL"), (".", "EINVAL"), ("none", "ENOENT")] {
            let refused = try run([bench.foliofs, "map", source + "/" + name], timeout: 15)
            try expectEqual(refused.status, 1, refused.text)
            try expect(refused.text.contains(failure) && refused.lines.count == 1, refused.text)
        }
    },
]
