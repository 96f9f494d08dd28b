import Glibc
import Testing

@testable import FolioPolicy

@Suite("A pattern of paths")
struct PathPatternTests {
    @Test("matches what fnmatch(3) matches", arguments: 0..<200)
    func asTheLibrary(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let pieces = ["a", "b", "/", ".", "*", "?", "[ab]", "[!a]", "[a-c]", "\\*", "c"]
        for _ in 0..<50 {
            let text = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? "a"
            }.joined()
            let path = (0..<Int.random(in: 0...7, using: &generator)).map { _ in
                ["a", "b", "c", "/", ".", "*"].randomElement(using: &generator) ?? "a"
            }.joined()
            guard !text.hasPrefix("/"), !text.hasPrefix("./") else { continue }
            let pattern = try PathPattern(text)
            #expect(pattern.matches(path.utf8) == (fnmatch(text, path, 0) == 0), "\(text) \(path)")
        }
    }

    @Test("takes characters, not bytes, and bytes that are none")
    func characters() throws {
        #expect(try PathPattern("?.bin").matches("ü.bin".utf8))
        #expect(try PathPattern("[à-ü].bin").matches("ü.bin".utf8))
        #expect(try PathPattern("?.bin").matches([0xff] + Array(".bin".utf8)))
        #expect(try !PathPattern("a.bin").matches([0xff] + Array(".bin".utf8)))
    }

    @Test("is refused where nothing could match it", arguments: ["", "/usr/*", "./a", "a[b", "a\\", "[z-a]"])
    func refused(text: String) { #expect(throws: RuleTextError.self) { try PathPattern(text) } }

    @Test("of many stars is answered at once")
    func stars() throws {
        let pattern = try PathPattern(String(repeating: "*a", count: 40) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4000).utf8))
    }

    @Test(
        "a range of sizes is what its text says",
        arguments: [
            (">=2M", SizeRange(smallest: 2 << 20)), ("<64K", SizeRange(smallest: 0, below: 65536)),
            (">=64K <1G", SizeRange(smallest: 65536, below: 1 << 30)),
            ("<= 4095 >1", SizeRange(smallest: 2, below: 4096)),
        ])
    func sizes(text: String, range: SizeRange) throws {
        #expect(try SizeRange.parse(text) == range)
        #expect(try SizeRange.parse(range.text) == range)
    }

    @Test(
        "a range that is none is refused", arguments: ["", "2M", ">=", ">=2M >=3M", ">=3M <2M", "=2M", ">=2X", "big"])
    func noSizes(text: String) { #expect(throws: RuleTextError.self) { try SizeRange.parse(text) } }
}
