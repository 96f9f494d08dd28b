import Testing

@testable import FuseServer

@Suite struct EntryNameTests {
    @Test(
        "a name is its bytes, UTF-8 or not", arguments: [[0x61], [0xff, 0xfe], [UInt8](repeating: 0x78, count: 255)])
    func bytes(name: [UInt8]) {
        (name + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                #expect(EntryName(characters.baseAddress!).bytes == name)
            }
        }
    }
}
