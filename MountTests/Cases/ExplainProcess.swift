import Glibc

/// `explain --pid`: the mappings of a process as they are.
let explainProcessCases: [TestCase] = [
    TestCase("Commands/explain --pid foretells what MADV_COLLAPSE does to each mapping of a process") { bench in
        let place = try bench.make("t")
        try require(
            "mount -t tmpfs -o size=64m,huge=never none t && head -c 4194304 /dev/urandom > t/f", in: bench.directory)
        defer { umount2(place, 2) }  // MNT_DETACH
        let size = 4 << 20
        let plain = try Aligned(place + "/f", size, PROT_READ, MAP_SHARED)
        let unwanted = try Aligned(place + "/f", size, PROT_READ, MAP_SHARED)
        let copied = try Aligned(place + "/f", size, PROT_READ | PROT_WRITE, MAP_PRIVATE)
        let askew = try Aligned(place + "/f", size, PROT_READ, MAP_SHARED, shift: 4096)
        try expectEqual(madvise(unwanted.start, size, 15), 0, "MADV_NOHUGEPAGE")
        copied.start.storeBytes(of: 1, as: UInt8.self)
        let outcome = try bench.cli("explain", "--pid", "\(getpid())", place + "/f", "--json")
        try expectEqual(outcome.status, 0, "exit of \(outcome.text)")
        let mappings = try JSON(outcome.text)["mappings"]?.array ?? []
        let expected: [(Aligned, String, String?)] = [
            (unwanted, "denied", "control.advice"), (copied, "denied", "mapping.copied"),
            (askew, "denied", "align.congruent"), (plain, "allowed", nil),
        ]
        for (mapping, verdict, rule) in expected {
            let address = "0x" + String(UInt(bitPattern: mapping.start), radix: 16)
            let said = mappings.first { $0["address"]?.string == address }
            try expectEqual(said?["verdict"]?.string, verdict, "verdict of \(address) in \(outcome.text)")
            if let rule { try expectEqual(said?["decidedBy"]?.string, rule, "rule of \(address)") }
        }
        for (mapping, verdict, _) in expected {
            // MADV_COLLAPSE
            let failed = madvise(mapping.start, size, 25) != 0
            try expectEqual(failed, verdict == "denied", "MADV_COLLAPSE of what is \(verdict): errno \(Glibc.errno)")
        }
        let other = try bench.cli("explain", "--pid", "\(getpid())", bench.foliofs)
        try expectEqual(other.status, 1, "exit of \(other.text)")
        try expect(other.text.contains("it does not map that file"), other.text)
        try expectEqual(try bench.cli("explain", "--pid", "1", "--exec").status, 2, "exit of --pid with --exec")
    }
]

/// A mapping of a whole file at an address that is congruent with it, or `shift` bytes beside one; it goes with it.
private final class Aligned {
    let start: UnsafeMutableRawPointer
    private let space: UnsafeMutableRawPointer
    private let spaceSize: Int

    init(_ path: String, _ size: Int, _ protection: Int32, _ kind: Int32, shift: Int = 0) throws {
        let file = open(path, O_RDWR | O_CLOEXEC)
        defer { close(file) }
        spaceSize = size + (4 << 20)
        guard let space = mmap(nil, spaceSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), space != MAP_FAILED
        else {
            throw Failure("no address space")
        }
        self.space = space
        let next = (UInt(bitPattern: space) + (2 << 20) - 1) & ~((2 << 20) - 1)
        let place = UnsafeMutableRawPointer(bitPattern: next + UInt(shift))
        guard let start = mmap(place, size, protection, kind | MAP_FIXED, file, 0), start != MAP_FAILED else {
            throw Failure("cannot map \(path): \(String(cString: strerror(errno)))")
        }
        self.start = start
        guard madvise(start, size, 22) == 0 else { throw Failure("cannot touch \(path)") }  // MADV_POPULATE_READ
    }

    deinit { munmap(space, spaceSize) }
}
