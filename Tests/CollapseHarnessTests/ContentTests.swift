import CollapseHarness
import Testing

@Suite("what scenario files hold")
struct ContentTests {
    @Test("a part has the bytes that the whole has there", arguments: [0, 8, 504, 512, 1000, 4096])
    func parts(offset: Int) {
        let whole = Content.bytes(0, 8192, size: 8192)
        #expect(Content.bytes(offset, 1024, size: 8192) == Array(whole[offset..<(offset + 1024)]))
    }

    @Test("past the end of the file there are zeroes, also within its last word")
    func end() {
        let whole = Content.bytes(0, 4096, size: 4096)
        let cut = Content.bytes(0, 4096, size: 1021)
        #expect(Array(cut[..<1021]) == Array(whole[..<1021]))
        #expect(cut[1021...].allSatisfy { $0 == 0 })
        #expect(Content.bytes(4096, 64, size: 100).allSatisfy { $0 == 0 })
    }

    @Test("one byte that is another is seen, and is another checksum", arguments: [0, 511, 4095])
    func otherByte(at index: Int) {
        var bytes = Content.bytes(4096, 4096, size: 8192)
        func isIntact(layout: Content.Layout = .full) -> Bool {
            bytes.withUnsafeBytes { Content.isIntact($0, 4096, size: 8192, layout: layout) }
        }
        let sum = bytes.withUnsafeBytes { Content.checksum($0) }
        #expect(isIntact())
        #expect(!isIntact(layout: .hole))
        bytes[index] ^= 1
        #expect(!isIntact())
        #expect(bytes.withUnsafeBytes { Content.checksum($0) } != sum)
    }

    @Test("a hole is zero, and only where the layout has one")
    func holes() {
        let whole = Content.bytes(0, 1 << 18, size: 1 << 18)
        let sparse = Content.bytes(0, 1 << 18, size: 1 << 18, layout: .sparse)
        let alternate = Content.bytes(0, 1 << 18, size: 1 << 18, layout: .alternate(page: 4096))
        for offset in stride(from: 0, to: 1 << 18, by: 512) {
            let isZero = sparse[offset..<(offset + 512)].allSatisfy { $0 == 0 }
            #expect(isZero == (offset >> 16 & 1 == 1))
            #expect(isZero || sparse[offset..<(offset + 512)] == whole[offset..<(offset + 512)])
            #expect(alternate[offset..<(offset + 512)].allSatisfy { $0 == 0 } == (offset >> 12 & 1 == 1))
        }
    }
}
