import Glibc

/// However many files the kernel knows, and have open, the daemon stays small and has descriptors left.
let manyInodeCases: [TestCase] = [
    TestCase("ManyInodes/each takes less than 300 bytes", limit: 30 + Double(inodeCount) / 2000) { bench in
        try limitDescriptors(20_000)
        let source = try bench.make("source")
        try require("mount -t tmpfs -o size=80%,nr_inodes=\(inodeCount + inodeCount / 100 + 1000) none .", in: source)
        try makeFiles(source, inodeCount)
        try served(bench, source: source) { mount in
            let before = try memory(mount)
            try lookUpAll(mount.path, inodeCount)
            let each = Double(try memory(mount) - before) * 1024 / Double(inodeCount)
            print("\(inodeCount) inodes, \(each) bytes each")
            try expect(each < 300, "\(each) bytes for each of \(inodeCount) inodes")
            let known = try JSON(bench.cli("status", mount.path, "--json").text)["inodes"]?.number ?? 0
            try expect(Int(known) > inodeCount, "only \(known) of \(inodeCount) inodes are known: nothing was measured")
        }
    },
    manyOpen("tmpfs") { bench in
        let source = try bench.make("source")
        try require("mount -t tmpfs none .", in: source)
        return source
    },
    manyOpen("ext4") { try $0.loop("mkfs.ext4 -q -F", megabytes: 200, name: "source") },
    manyOpen("xfs") { try $0.loop("mkfs.xfs -q", megabytes: 400, name: "source") },
    manyOpen("btrfs") { try $0.loop("mkfs.btrfs -q", megabytes: 400, name: "source") },
    manyOpen("ramfs, which has no handles", unlinked: 20) { bench in
        let source = try bench.make("source")
        try require("mount -t ramfs none .", in: source)
        return source
    },
    manyOpen("tmpfs, without passthrough", ["--no-passthrough"], unlinked: 20) { bench in
        let source = try bench.make("source")
        try require("mount -t tmpfs none .", in: source)
        return source
    },
    TestCase("ManyInodes/more directories open than the daemon has descriptors, each read to its end") { bench in
        try limitDescriptors(600)
        let source = try bench.make("source")
        try require("mount -t tmpfs none .", in: source)
        try require(
            "for i in $(seq 900); do mkdir d$i && (cd d$i && touch a b c d e); done",
            in: source)
        try served(bench, source: source) { mount in
            try python(
                """
                import os, sys
                child = os.fork()
                low = 451 if child else 1
                group = [os.scandir("d%d" % i) for i in range(low, low + 450)]
                seen = [[next(d).name] for d in group]
                for turn in range(4):
                    for d, names in zip(group, seen): names.append(next(d).name)
                for d, names in zip(group, seen):
                    names += [entry.name for entry in d]
                    if sorted(names) != ["a", "b", "c", "d", "e"]: raise SystemExit("read %r" % names)
                if child and os.waitpid(child, 0)[1] != 0: raise SystemExit("the other half failed")
                """, in: mount.path)
        }
    },
]

/// How many inodes are looked up: `make test-mount INODES=2000000` for what is promised.
private let inodeCount = ChildProcess.environment["INODES"].flatMap { Int($0) } ?? 200_000

private let filesInDirectory = 2000

private func forEachName(_ count: Int, _ body: (_ directory: String, _ names: Range<Int>) throws -> Void) throws {
    for first in stride(from: 0, to: count, by: filesInDirectory) {
        try body("d\(first / filesInDirectory)", first..<min(first + filesInDirectory, count))
    }
}

private func makeFiles(_ path: String, _ count: Int) throws {
    try forEachName(count) { name, files in
        let directory = path + "/" + name
        try expect(mkdir(directory, 0o755) == 0, "cannot make \(directory): \(String(cString: strerror(errno)))")
        let descriptor = open(directory, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        for file in files {
            try expect(
                mknodat(descriptor, "f\(file)", S_IFREG | 0o644, 0) == 0,
                "cannot make a file: \(String(cString: strerror(errno)))")
        }
    }
}

private func lookUpAll(_ path: String, _ count: Int) throws {
    try forEachName(count) { name, files in
        let descriptor = open(path + "/" + name, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var status = stat()
        for file in files {
            try expect(
                fstatat(descriptor, "f\(file)", &status, 0) == 0,
                "stat of \(name)/f\(file): \(String(cString: strerror(errno)))")
        }
    }
}

/// The daemon's resident memory in KiB.
private func memory(_ mount: ServedMount) throws -> Int {
    let line = readText("/proc/\(mount.daemon.id)/status")?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    guard let words = line?.split(whereSeparator: { " \t".contains($0) }), words.count > 1, let size = Int(words[1])
    else { throw Failure("cannot read the daemon's memory") }
    return size
}

/// What this process starts from now on has so many descriptors.
private func limitDescriptors(_ count: UInt) throws {
    var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: rlim_t(count))
    try expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, "cannot limit descriptors")
}

private func python(_ script: String, in directory: String) throws {
    let outcome = try bash("exec python3 -c \"$SCRIPT\"", in: directory, environment: ["SCRIPT": script])
    try expect(outcome.status == 0, outcome.text)
}

/// 4000 files open at once, by eight processes, through a daemon that may have 600 descriptors.
///
/// - Parameter unlinked: how many of each 500 are without a name; without handles or passthrough each takes a descriptor.
private func manyOpen(
    _ name: String, _ options: [String] = [], unlinked: Int = 100,
    _ source: @escaping @Sendable (Workbench) throws -> String
) -> TestCase {
    TestCase("ManyInodes/more files open than the daemon has descriptors: \(name)") { bench in
        try limitDescriptors(600)
        let source = try source(bench)
        try served(bench, source: source, options) { mount in
            try python(
                """
                import fcntl, os, sys
                def same(found, wanted, what):
                    if found != wanted: raise SystemExit("%s: found %r, wanted %r" % (what, found, wanted))
                ready, go = os.pipe(), os.pipe()
                children = []
                for child in range(8):
                    pid = os.fork()
                    if pid:
                        children.append(pid)
                        continue
                    os.close(go[1])
                    files = []
                    for i in range(500):
                        f = os.open("f%d-%d" % (child, i), os.O_RDWR | os.O_CREAT)
                        same(os.write(f, b"%08d" % i), 8, "write")
                        files.append(f)
                    for f in files[:20]: fcntl.flock(f, fcntl.LOCK_EX)
                    for i in range(\(unlinked)): os.unlink("f%d-%d" % (child, i))
                    os.write(ready[1], b"x")
                    os.read(go[0], 1)
                    for i, f in enumerate(files):
                        same(os.pread(f, 20, 0), b"%08d" % i, "read of file %d" % i)
                        same(os.pwrite(f, b"more", 8), 4, "write to file %d" % i)
                        os.fsync(f)
                        status = os.fstat(f)
                        same((status.st_size, status.st_nlink), (12, 0 if i < \(unlinked) else 1), "fstat of file %d" % i)
                        os.ftruncate(f, 10)
                        os.fchmod(f, 0o600)
                        same(os.pread(f, 20, 0), b"%08dmo" % i, "read of file %d after all" % i)
                        same(os.lseek(f, 0, os.SEEK_HOLE), 10, "SEEK_HOLE in file %d" % i)
                    for i, f in enumerate(files[:20]):
                        fcntl.flock(f, fcntl.LOCK_UN)
                    os._exit(0)
                os.close(ready[1])
                for child in children: same(os.read(ready[0], 1), b"x", "a child's readiness")
                os.close(go[1])
                for child in children: same(os.waitpid(child, 0)[1], 0, "a child's end")
                """, in: mount.path)
            try require(
                "test $(ls -d f*-* | wc -l) = $((8 * (500 - \(unlinked)))) && for f in f3-4[0-4]?; do test $(stat -c %s:%a $f) = 10:600; done",
                in: source)
        }
    }
}
