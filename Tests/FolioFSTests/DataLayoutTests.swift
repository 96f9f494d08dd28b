import Glibc
import Testing

@testable import FolioFS

@Suite("Where a file has data, in chunks")
struct DataLayoutTests {
    private let chunk = 1 << 21

    @Test("a hole smaller than a chunk costs the chunk, larger ones nothing")
    func runs() {
        let layout = DataLayout(
            size: 10 * chunk + 5000, chunkSize: chunk,
            data: [
                10..<20, 4096..<8192, 3 * chunk + 1..<3 * chunk + 2, 4 * chunk..<5 * chunk,
                10 * chunk..<10 * chunk + 5000,
            ])
        #expect(layout.runs == [0..<chunk, 3 * chunk..<5 * chunk, 10 * chunk..<10 * chunk + 5000])
        #expect(layout.holes == [chunk..<3 * chunk, 5 * chunk..<10 * chunk])
        #expect(layout.allocatedBytes == 3 * chunk + 8192)
        #expect(layout.possibleBytes == 11 * chunk)
    }

    @Test("a file without data, and an empty one")
    func empty() {
        let layout = DataLayout(size: 1 << 40, chunkSize: chunk, data: [])
        #expect(layout.runs.isEmpty)
        #expect(layout.holes == [0..<1 << 40])
        #expect(layout.dataBytes == 0)
        #expect(DataLayout(dense: 0, chunkSize: chunk).runs.isEmpty)
    }

    @Test("the largest file there can be")
    func largest() {
        let (size, start) = (Int.max - 4095, Int.max / chunk * chunk)
        let layout = DataLayout(size: size, chunkSize: chunk, data: [5..<6, size - 1..<size])
        #expect(layout.runs == [0..<chunk, start..<size])
        #expect(layout.possibleBytes >= size)
        #expect(DataLayout(dense: Int.max, chunkSize: chunk).allocatedBytes == Int.max)
    }

    @Test("a file of 1 TiB with two chunks of data is found out without reading it")
    func sparse() throws {
        let directory = TemporaryDirectory()
        directory.write("file", [])
        let file = open(directory.path + "/file", O_RDWR)
        defer { close(file) }
        try #require(ftruncate(file, 1 << 40) == 0)
        var byte: UInt8 = 1
        try #require(pwrite(file, &byte, 1, 7 << 30) == 1)
        try #require(pwrite(file, &byte, 1, (1 << 40) - 1) == 1)
        let layout = try DataLayout.read(file, size: 1 << 40, chunkSize: chunk)
        #expect(layout.runs == [7 << 30..<7 << 30 + chunk, (1 << 40) - chunk..<1 << 40])
        #expect(layout.allocatedBytes == 2 * chunk)
    }
}
