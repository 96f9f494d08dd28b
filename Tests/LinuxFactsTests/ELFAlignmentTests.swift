import LinuxFacts
import Testing

@Suite("The aligned exec view of ELF headers")
struct ELFAlignmentTests {
    static let (page, pmd, fileSize) = (4096, 2 << 20, 16 << 20)

    /// An image as linkers make it: PT_PHDR, PT_INTERP, and headers, text, constants and data in PT_LOADs of their own.
    static func program(type: UInt64 = 3, machine: UInt64 = 62, base: UInt64 = 0) -> [UInt8] {
        var image: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        image += bytes(type, 2) + bytes(machine, 2) + bytes(1, 4) + bytes(0x40_1000, 8) + bytes(64, 8) + bytes(0, 8)
        image += bytes(0, 4) + bytes(64, 2) + bytes(56, 2) + bytes(6, 2) + bytes(0, 6)
        let headers: [(type: UInt64, flags: UInt64, offset: UInt64, address: UInt64, size: UInt64, align: UInt64)] = [
            (6, 4, 64, 64, 6 * 56, 8), (3, 4, 0x190, 0x190, 28, 1), (1, 4, 0, 0, 0x1000, 0x1000),
            (1, 5, 0x1000, 0x1000, 5 << 20, 0x1000), (1, 4, 6 << 20, 6 << 20, 4 << 20, 0x1000),
            (1, 6, 10 << 20, (10 << 20) + 0x1000, 1 << 20, 0x1000),
        ]
        for header in headers {
            image += bytes(header.type, 4) + bytes(header.flags, 4) + bytes(header.offset, 8)
            image += bytes(header.address + base, 8) + bytes(header.address + base, 8)
            image += bytes(header.size, 8) + bytes(header.size, 8) + bytes(header.align, 8)
        }
        return image
    }

    private static func bytes(_ number: UInt64, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    private func raised(_ bytes: [UInt8]) -> [Int] {
        ELFImage.parse(bytes)?.raisedAlignments(fileSize: Self.fileSize, pageSize: Self.page, pmdSize: Self.pmd) ?? []
    }

    @Test(
        "congruent segments of a position-independent program are raised, on x86-64 and aarch64", arguments: [62, 183])
    func congruent(machine: UInt64) {
        #expect(raised(Self.program(machine: machine)) == [2, 3, 4])
    }

    @Test("a fixed-address program is placed where it was linked, and is mapped where that is congruent")
    func fixed() throws {
        let bytes = Self.program(type: 2, base: 0x40_0000)
        #expect(raised(bytes).isEmpty)
        let image = try #require(ELFImage.parse(bytes))
        #expect(image.oddity(fileSize: Self.fileSize, pageSize: Self.page) == nil)
        #expect(
            image.loads.map { $0.canBeMapped(pageSize: Self.page, pmdSize: Self.pmd) } == [false, true, true, false])
        #expect(image.loads.map { $0.wholeChunks(pageSize: Self.page, pmdSize: Self.pmd) } == [0, 1, 2, 0])
    }

    /// What is put where, and why the image is then served as it is.
    struct Damage: CustomTestStringConvertible, Sendable {
        let what: String
        let place: Int
        let size: Int
        let value: UInt64
        var testDescription: String { what }

        init(_ what: String, _ place: Int, _ size: Int, _ value: UInt64) {
            (self.what, self.place, self.size, self.value) = (what, place, size, value)
        }

        /// In program header `index`.
        init(_ what: String, header index: Int, _ place: Int, _ size: Int, _ value: UInt64) {
            self.init(what, 64 + 56 * index + place, size, value)
        }
    }

    static let damages = [
        Damage("no magic", 0, 1, 0), Damage("32 bits", 4, 1, 1), Damage("big-endian", 5, 1, 2),
        Damage("e_ident's version", 6, 1, 2), Damage("ET_REL", 16, 2, 1), Damage("ET_CORE", 16, 2, 4),
        Damage("EM_386", 18, 2, 3), Damage("EM_RISCV", 18, 2, 243), Damage("e_version", 20, 4, 2),
        Damage("e_phoff inside the header", 32, 8, 8), Damage("e_phoff beyond the file", 32, 8, 1 << 30),
        Damage("e_phoff beyond 64 bits", 32, 8, .max), Damage("e_phoff not aligned", 32, 8, 65),
        Damage("e_ehsize", 52, 2, 52), Damage("e_phentsize", 54, 2, 32), Damage("no headers", 56, 2, 0),
        Damage("PN_XNUM headers", 56, 2, 0xffff), Damage("more headers than there are", 56, 2, 2000),
        Damage("PT_PHDR elsewhere", header: 0, 8, 8, 128), Damage("PT_PHDR too short", header: 0, 32, 8, 56),
        Damage("a second PT_PHDR", header: 1, 0, 4, 6), Damage("a second interpreter", header: 0, 0, 4, 3),
        Damage("an interpreter beyond the file", header: 1, 8, 8, 1 << 40),
        Damage("an interpreter beyond 64 bits", header: 1, 8, 8, .max),
        Damage("an interpreter without a name", header: 1, 32, 8, 1),
        Damage("an interpreter with too long a name", header: 1, 32, 8, 5000),
        Damage("a flag of a processor", header: 3, 4, 4, 0x1000_0005),
        Damage("p_offset in a page", header: 3, 8, 8, 0x1008),
        Damage("p_offset beyond the file", header: 4, 8, 8, 1 << 40),
        Damage("p_offset beyond 64 bits", header: 4, 8, 8, 0 &- 0x1000),
        Damage("p_vaddr descends", header: 4, 16, 8, 0), Damage("p_vaddr overlaps", header: 4, 16, 8, 5 << 20),
        Damage("p_vaddr beyond an address space", header: 5, 16, 8, 1 << 60),
        Damage("p_filesz beyond p_memsz", header: 3, 32, 8, 6 << 20),
        Damage("p_filesz beyond the file", header: 5, 32, 8, 9 << 20),
        Damage("p_memsz is nothing", header: 5, 40, 8, 0), Damage("p_memsz beyond 64 bits", header: 5, 40, 8, .max),
        Damage("p_align is no power of two", header: 2, 48, 8, 0x1800),
        Damage("p_align that is not kept", header: 5, 48, 8, 1 << 20),
        Damage("p_align of all bits", header: 2, 48, 8, .max),
    ]

    @Test("whatever is odd in a header, the image is served as it is", arguments: damages)
    func damaged(damage: Damage) {
        var bytes = Self.program()
        for index in 0..<damage.size {
            bytes[damage.place + index] = UInt8(truncatingIfNeeded: damage.value >> (8 * UInt64(index)))
        }
        #expect(raised(bytes).isEmpty)
    }

    @Test("a program without a whole chunk of what stays as it is in the file has nothing to gain")
    func small() {
        var bytes = Self.program()
        // The text and the constants in less than a chunk.
        for header in [3, 4] {
            bytes.replaceSubrange(64 + 56 * header + 32..<64 + 56 * header + 40, with: Self.bytes(0x1000, 8))
        }
        #expect(raised(bytes).isEmpty)
    }

    @Test("a file that was cut off is served as it is", arguments: [0, 63, 64, 120, 399])
    func cut(length: Int) {
        #expect(raised(Array(Self.program().prefix(length))).isEmpty)
    }

    @Test("of headers at random only congruent PT_LOADs are raised, never downwards")
    func random() throws {
        var generator = SplitMix(state: 6)
        var raisedOnce = 0
        for _ in 0..<20_000 {
            var bytes = Self.program(type: UInt64.random(in: 2...3, using: &generator))
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                bytes[place] =
                    [0, 1, 0x7f, 0xff, UInt8.random(in: 0...255, using: &generator)].randomElement(using: &generator)
                    ?? 0
            }
            guard let image = ELFImage.parse(bytes) else { continue }
            for index in image.raisedAlignments(fileSize: Self.fileSize, pageSize: Self.page, pmdSize: Self.pmd) {
                let segment = image.segments[index]
                try #require(segment.type == .load && segment.isCongruent(modulo: Self.pmd) && image.kind == .dynamic)
                try #require(segment.alignment < UInt64(Self.pmd))
                raisedOnce += 1
            }
        }
        #expect(raisedOnce > 1000)
    }
}

/// A small generator whose sequence a seed repeats.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
