import LinuxFacts
import Testing

@Suite("ELF headers")
struct ELFImageTests {
    private func bytes(_ number: UInt64, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    /// An image with PT_LOAD segments of these offsets, addresses and sizes.
    private func image(_ loads: [(offset: UInt64, address: UInt64, size: UInt64)], type: UInt64 = 3) -> [UInt8] {
        var image: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        image += bytes(type, 2) + bytes(62, 2) + bytes(1, 4) + bytes(0x1000, 8) + bytes(64, 8) + bytes(0, 8)
        image += bytes(0, 4) + bytes(64, 2) + bytes(56, 2) + bytes(UInt64(loads.count), 2) + bytes(0, 6)
        for load in loads {
            image += bytes(1, 4) + bytes(5, 4) + bytes(load.offset, 8) + bytes(load.address, 8)
            image += bytes(load.address, 8) + bytes(load.size, 8) + bytes(load.size, 8) + bytes(0x1000, 8)
        }
        return image
    }

    @Test("a real program is understood")
    func real() throws {
        let image = try #require(ELFImage.parse(try Sample.bytes("ls-debian12-x86_64.elf")))
        #expect(image.kind == .dynamic)
        #expect(image.entry == 0x61d0)
        #expect(image.segments.count == 13)
        #expect(image.segments[1].type == .interpreter)
        #expect(image.loads.map(\.offset) == [0, 0x4000, 0x1a000, 0x232b0])
        #expect(image.loads.map(\.isExecutable) == [false, true, false, false])
        #expect(image.loads.map(\.isWritable) == [false, false, false, true])
        #expect(image.loads.last?.memorySize == 0x25f8)
        #expect(image.loads.allSatisfy { $0.alignment == 0x1000 })
        #expect(image.isWellFormed)
    }

    @Test("segments that overlap, descend or run over are not well formed")
    func malformedSegments() throws {
        let cases: [[(UInt64, UInt64, UInt64)]] = [
            [(0, 0, 0x3000), (0x2000, 0x2000, 0x1000)], [(0, 0x8000, 0x1000), (0, 0x1000, 0x1000)],
            [(0, .max - 5, 0x1000)], [(.max, 0x1000, 0x1000)],
        ]
        for loads in cases {
            let image = try #require(ELFImage.parse(image(loads.map { (offset: $0.0, address: $0.1, size: $0.2) })))
            #expect(!image.isWellFormed)
        }
    }

    @Test("what is not wholly understood is no image")
    func refused() {
        let good = image([(0, 0, 0x1000)])
        #expect(ELFImage.parse(good) != nil)
        for length in 0..<good.count { #expect(ELFImage.parse(Array(good[..<length])) == nil) }
        // Magic, class, byte order, version, type, header sizes; no segments; PN_XNUM; a table that is far away.
        let changes: [[Int: UInt8]] = [
            [0: 0], [4: 1], [5: 2], [6: 0], [16: 1], [16: 4], [20: 2], [52: 52], [54: 32], [56: 0],
            [56: 0xff, 57: 0xff],
            [39: 0x80], [32: 0], [36: 0xff, 37: 0xff],
        ]
        for change in changes {
            var changed = good
            for (index, byte) in change { changed[index] = byte }
            #expect(ELFImage.parse(changed) == nil, "\(change)")
        }
        #expect(ELFImage.parse(Array("#!/bin/sh\n".utf8)) == nil)
    }

    @Test("any bytes are answered without a crash")
    func anything() throws {
        let good = try Sample.bytes("ls-debian12-x86_64.elf")
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var changed = Array(good[..<900])
            for _ in 0..<8 {
                changed[Int.random(in: 16..<900, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let image = ELFImage.parse(changed) {
                _ = image.isWellFormed
                _ = image.raisedAlignments(fileSize: 900, pageSize: 4096, pmdSize: 2 << 20)
            }
        }
    }
}
