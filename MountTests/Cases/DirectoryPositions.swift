import Glibc

/// telldir(3), seekdir(3) and rewinddir(3) while entries come and go, and file handles of the mount.
let directoryPositionCases: [TestCase] =
    ["tmpfs", "ext4", "xfs", "btrfs"].map { type in
        TestCase("DirectoryPositions/\(type): a position is where it was while entries come and go") { bench in
            let source = try filesystem(type, bench)
            for directory in ["native", "mounted"] {
                try require(
                    "mkdir \(directory) && cd \(directory) && touch stays-{0001..1500} goes-{0001..1500}", in: source)
            }
            try positions(source + "/native")
            try served(bench, source: source) { mount in try positions(mount.path + "/mounted") }
        }
    }
    + ["tmpfs", "ext4", "xfs", "btrfs"].map { type in
        TestCase("DirectoryPositions/\(type): what an old stream reads is not kept as the listing") { bench in
            let source = try filesystem(type, bench)
            try served(bench, source: source) { mount in
                let said = try bash("exec python3 - <<'END'\n\(oldStreams)\nEND", in: mount.path)
                try expect(said.status == 0, said.text)
            }
        }
    } + [
        TestCase("DirectoryPositions/file handles of the mount open, those that nobody gave are ESTALE") { bench in
            let source = try bench.make("source")
            try require("mkdir -p d/e && echo x > d/e/f", in: source)
            try served(bench, source: source) { mount in
                let said = try bash(
                    """
                    exec python3 - <<'END'
                    import ctypes, errno, os, struct
                    libc = ctypes.CDLL(None, use_errno=True)
                    root = os.open(".", os.O_RDONLY)
                    class Handle(ctypes.Structure): _fields_ = [("size", ctypes.c_uint), ("type", ctypes.c_int), ("bytes", ctypes.c_ubyte * 128)]
                    def handle(path):
                        h = Handle(128); mount = ctypes.c_int()
                        if libc.name_to_handle_at(-100, path, ctypes.byref(h), ctypes.byref(mount), 0): raise SystemExit("handle: %d" % ctypes.get_errno())
                        return h
                    def opened(h): return libc.open_by_handle_at(root, ctypes.byref(h), os.O_RDONLY)
                    for path in (b".", b"d", b"d/e", b"d/e/f"):
                        f = opened(handle(path))
                        if f < 0: raise SystemExit("%r: errno %d" % (path, ctypes.get_errno()))
                        if os.fstat(f).st_ino != os.stat(path).st_ino: raise SystemExit("%r is another" % path)
                    good = handle(b"d/e/f")
                    for node in (0, 2, 16, 1 << 40, 0x7fff00000000, 0xffffffffffffffff, 0x5555deadbee0):
                        h = Handle(12, good.type); h.bytes[0:12] = list(struct.pack("<III", node >> 32, node & 0xffffffff, 1))
                        if opened(h) >= 0 or ctypes.get_errno() != errno.ESTALE: raise SystemExit("node %x: errno %d" % (node, ctypes.get_errno()))
                    END
                    """, in: mount.path)
                try expect(said.status == 0, said.text)
                try require("cat d/e/f", in: mount.path)
            }
        }
    ]

/// Directory streams older than what is in the directory, read and rewound, and what a new one then lists.
private let oldStreams = """
    import ctypes, os
    libc = ctypes.CDLL(None)
    libc.opendir.restype = libc.readdir.restype = ctypes.c_void_p
    libc.telldir.restype = ctypes.c_long
    libc.readdir.argtypes = libc.closedir.argtypes = libc.rewinddir.argtypes = libc.telldir.argtypes = [ctypes.c_void_p]
    def rest(stream): return len(list(iter(lambda: libc.readdir(stream), None)))
    def listed(path, wanted):
        if sorted(os.listdir(path)) != sorted(wanted): raise SystemExit("%s lists %s, not %s" % (path, os.listdir(path), wanted))
    os.mkdir("young"); stream = libc.opendir(b"young")
    open("young/a", "w").close()
    rest(stream); listed("young", ["a"]); libc.closedir(stream)
    os.mkdir("ended"); stream = libc.opendir(b"ended")
    listed("ended", []); rest(stream)
    open("ended/a", "w").close(); listed("ended", ["a"]); rest(stream)
    libc.rewinddir(stream); open("ended/b", "w").close()
    if rest(stream) != 4: raise SystemExit("a stream rewound does not give all four entries")
    listed("ended", ["a", "b"])
    os.mkdir("gone"); stream = libc.opendir(b"gone"); rest(stream); os.rmdir("gone"); libc.rewinddir(stream); rest(stream); libc.closedir(stream)
    """

private func filesystem(_ type: String, _ bench: Workbench) throws -> String {
    guard type == "tmpfs" else { return try bench.loop("mkfs.\(type) -q", megabytes: 400, name: "source") }
    let source = try bench.make("source")
    try require("mount -t tmpfs none .", in: source)
    return source
}

/// Reads a directory of stays-* and goes-* with positions taken on the way, while the latter go and others come.
private func positions(_ path: String) throws {
    guard let directory = opendir(path) else { throw Failure("cannot open \(path): errno \(errno)") }
    defer { closedir(directory) }
    var seen: [String: Int] = [:]
    var places: [(position: Int, name: String)] = []
    var turn = 0
    while true {
        let position = telldir(directory)
        guard let name = next(directory) else { break }
        seen[name, default: 0] += 1
        if name.hasPrefix("stays-") { places.append((position, name)) }
        turn += 1
        if turn % 3 == 0 { unlink("\(path)/goes-\(number(turn / 3))") }
        if turn % 5 == 0 { close(open("\(path)/comes-\(turn)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)) }
    }
    let stayed = seen.filter { $0.key.hasPrefix("stays-") }
    try expectEqual(stayed.count, 1500, "\(path): entries that stayed and were read")
    try expect(!stayed.contains { $0.value != 1 }, "\(path): an entry was read twice")
    // Back and forth, while what follows each position stays.
    let there = Array(stride(from: 0, to: places.count, by: 7))
    for index in there + there.reversed() {
        seekdir(directory, places[index].position)
        var name = next(directory)
        while let other = name, !other.hasPrefix("stays-") { name = next(directory) }
        try expectEqual(name, places[index].name, "\(path): what is read at the position of \(places[index].name)")
    }
    rewinddir(directory)
    var again: Set<String> = []
    while let name = next(directory) { again.insert(name) }
    try expect(again.isSuperset(of: stayed.keys) && again.contains("comes-5"), "\(path): what is read after rewinddir")
}

private func number(_ value: Int) -> String {
    String(repeating: "0", count: max(0, 4 - String(value).count)) + String(value)
}

private func next(_ directory: OpaquePointer) -> String? {
    guard let entry = readdir(directory) else { return nil }
    return String(cString: UnsafeRawPointer(entry).advanced(by: 19).assumingMemoryBound(to: CChar.self))
}
