import Testing

@testable import foliofs

@Suite("The progress bar")
struct ProgressBarTests {
    @Test("shows bytes, speed and the time that is left")
    func line() {
        #expect(
            ProgressBar.line("data.bin", 256 << 20, of: 1 << 30, seconds: 2, width: 120)
                == "data.bin  [######..................] 25 % 256 MiB of 1 GiB, 128 MiB/s, 6 s left")
        #expect(ProgressBar.line("a", 0, of: nil, seconds: 0, width: 80) == "a  0 bytes, 0 bytes/s")
        #expect(ProgressBar.line("a", 4 << 20, of: 4 << 20, seconds: 1, width: 80).hasSuffix("4 MiB/s"))
        #expect(ProgressBar.line("a", 1 << 20, of: 1 << 30, seconds: 10, width: 99).contains("2:50:30 h left") == false)
        #expect(ProgressBar.line("a", 1 << 20, of: 1 << 30, seconds: 10, width: 99).hasSuffix("2:50 h left"))
    }

    @Test("counts what is no bytes, and foretells what is slow as well")
    func number() {
        #expect(
            ProgressBar.line("ext4", 30, of: 120, .number, seconds: 60, width: 120)
                == "ext4  [######..................] 25 % 30 of 120, 3:00 min left")
    }

    @Test("never wider than the terminal: the name gives way first", arguments: [0, 10, 40, 70, 90])
    func width(width: Int) {
        let line = ProgressBar.line(String(repeating: "x", count: 200), 5, of: 10, seconds: 1, width: width)
        #expect(line.count <= width)
    }
}
