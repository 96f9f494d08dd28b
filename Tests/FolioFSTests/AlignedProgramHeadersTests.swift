import Glibc
import Testing

@testable import FolioFS

@Suite struct AlignedProgramHeadersTests {
    private static let pmdSize = 2 << 20

    /// A position-independent image with one PT_LOAD of 4 MiB at `offset` and `address`.
    private func image(type: UInt16 = 3, offset: UInt64, address: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64 + 56)
        func put(_ value: UInt64, _ size: Int, at place: Int) {
            for index in 0..<size { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
        }
        bytes.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
        put(UInt64(type), 2, at: 16)
        put(62, 2, at: 18)
        put(1, 4, at: 20)
        put(64, 8, at: 32)
        put(64, 2, at: 52)
        put(56, 2, at: 54)
        put(1, 2, at: 56)
        put(1, 4, at: 64)
        put(5, 4, at: 68)
        put(offset, 8, at: 72)
        put(address, 8, at: 80)
        put(4 << 20, 8, at: 96)
        put(4 << 20, 8, at: 104)
        put(0x1000, 8, at: 112)
        return bytes
    }

    /// What the view changes in a file of 8 MiB that begins with `bytes`.
    private func patches(_ bytes: [UInt8]) -> [AlignedProgramHeaders.Patch] {
        let directory = TemporaryDirectory()
        directory.write("image", bytes)
        let path = directory.path + "/image"
        truncate(path, 8 << 20)
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        return AlignedProgramHeaders.patches(descriptor, fileSize: 8 << 20, pmdSize: Self.pmdSize)
    }

    @Test("a congruent segment's p_align is raised, and nothing else")
    func congruent() {
        let bytes = image(offset: 0x1000, address: 0x20_1000)
        let found = patches(bytes)
        #expect(found == [.init(offset: 112, value: 2 << 20)])
        var shown = bytes
        shown.withUnsafeMutableBytes { AlignedProgramHeaders.apply(found, to: $0, offset: 0) }
        #expect(Array(shown[112..<120]) == [0, 0, 0x20, 0, 0, 0, 0, 0])
        #expect(Array(shown[..<112]) == Array(bytes[..<112]))
    }

    @Test("what is not congruent, not position-independent or no image is shown as it is")
    func unchanged() {
        #expect(patches(image(offset: 0x1000, address: 0x3000)).isEmpty)
        #expect(patches(image(type: 2, offset: 0, address: 0)).isEmpty)
        #expect(patches([UInt8]("#!/bin/sh\n".utf8)).isEmpty)
        #expect(patches([]).isEmpty)
        #expect(patches(Array(image(offset: 0, address: 0).prefix(100))).isEmpty)
    }

    @Test("a read of any part shows its part of the change", arguments: 100..<130)
    func parts(start: Int) {
        let bytes = image(offset: 0, address: 0)
        var whole = bytes
        let found = patches(bytes)
        whole.withUnsafeMutableBytes { AlignedProgramHeaders.apply(found, to: $0, offset: 0) }
        var part = Array(bytes[min(start, bytes.count)...].prefix(7))
        part.withUnsafeMutableBytes { AlignedProgramHeaders.apply(found, to: $0, offset: start) }
        #expect(part == Array(whole[min(start, whole.count)...].prefix(7)))
    }
}
