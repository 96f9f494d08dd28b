import Testing

@testable import FolioPolicy

@Suite("sizes in bytes")
struct ByteSizeTests {
    @Test(
        "a suffix is a power of 1024",
        arguments: [
            ("0", 0), ("4096", 4096), ("64K", 65536), ("64k", 65536), ("2M", 2 << 20), ("2MiB", 2 << 20),
            ("1GiB", 1 << 30), ("3T", 3 << 40), ("12b", 12), ("8388607T", 8_388_607 << 40),
        ])
    func read(text: String, bytes: Int) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test(
        "anything else is no size",
        arguments: ["", "K", "-1", "1.5G", "1 K", "1KB", "0x10", "99999999999999999999", "8388608T", "+5", "٣"])
    func refused(text: String) {
        #expect(ByteSize(text) == nil)
    }

    @Test(
        "a size is printed in the largest unit it reaches",
        arguments: [
            (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (2 << 20, "2 MiB"),
            (3_713_416, "3.5 MiB"), (.max, "7.9 EiB"),
        ])
    func printed(bytes: Int, text: String) {
        #expect(ByteSize(bytes: bytes).description == text)
    }
}
