import Testing

@testable import FolioCapability

@Suite("Each lint rule")
struct LintTests {
    private static let head = "filesystem = \"a\"\nsummary = \"An example.\"\n"
    private static let row = "[[capability]]\norders = \"none\"\nsource = \"6.18 fs/a.c\"\nconfidence = \"read\"\n"
    private static let example = "[[example]]\ngiven = { kernel = \"6.18\" }\nexpect = { orders = [0] }\n"

    private static func problems(_ text: String) throws -> [String] {
        Manifest.problems(text, file: "a", registry: try CapabilityRegistry()).map { problem in
            "\(problem.line):\(problem.column) \(problem.rule ?? "-")"
        }
    }

    @Test("has nothing to say of a manifest that is right")
    func silent() throws { #expect(try Self.problems(Self.head + Self.row + Self.example) == []) }

    @Test("alias: a type is named once")
    func alias() throws {
        #expect(try Self.problems(Self.head + "aliases = [\"b\", \"a\"]\n" + Self.row + Self.example) == ["3:17 alias"])
        #expect(try Self.problems(Self.head + "aliases = [\"b\", \"c\"]\n" + Self.row + Self.example) == [])
    }

    @Test("block-sizes: powers of two, in order, and told where they matter")
    func blockSizes() throws {
        let tail = Self.row + Self.example
        #expect(try Self.problems(Self.head + "block_sizes = [3]\n" + tail) == ["3:16 block-sizes"])
        #expect(try Self.problems(Self.head + "block_sizes = [1024, 512]\n" + tail) == ["3:22 block-sizes"])
        #expect(try Self.problems(Self.head + "block_sizes = [512, 1024]\n" + tail) == [])
        let range = Self.row.replacing("\"none\"", with: "{ min = \"block\", max = 0 }")
        #expect(
            try Self.problems(Self.head + range + Self.example.replacing("}\nexp", with: ", block_size = 512 }\nexp"))
                == [
                    "4:1 block-sizes"
                ])
    }

    @Test("coverage: every kernel has an answer about orders")
    func coverage() throws {
        let old = Self.row + "kernel = \"<6.19\"\n"
        #expect(try Self.problems(Self.head + old + Self.example) == ["3:1 coverage"])
        let new = Self.row + "kernel = \">=6.19\"\n"
        let both = Self.head + old + new + Self.example + Self.example.replacing("6.18", with: "7.0")
        #expect(try Self.problems(both) == [])
    }

    @Test("example: each leads to what it expects")
    func example() throws {
        #expect(
            try Self.problems(Self.head + Self.row + Self.example.replacing("[0]", with: "[0, 9]")) == ["7:1 example"])
    }

    @Test("example-coverage: each row is tried")
    func exampleCoverage() throws {
        let other = Self.row.replacing("orders = \"none\"", with: "writes = \"back\"\nwhen = { layers = true }")
        #expect(try Self.problems(Self.head + Self.row + other + Self.example) == ["7:1 example-coverage"])
    }

    @Test("note: what is not known says what it is")
    func note() throws {
        let unknown = Self.row.replacing("\"none\"", with: "\"unknown\"")
        let expected = Self.example.replacing("[0]", with: "\"unknown\"")
        #expect(try Self.problems(Self.head + unknown + expected) == ["4:1 note"])
        #expect(try Self.problems(Self.head + unknown + "note = \"Not read.\"\n" + expected) == [])
    }

    @Test("reachable: no row is wholly behind others")
    func reachable() throws {
        let behind = Self.row + "kernel = \">=6.18\"\n"
        #expect(try Self.problems(Self.head + Self.row + behind + Self.example) == ["7:1 reachable"])
        #expect(
            try Self.problems(
                Self.head + behind + Self.row + Self.example + Self.example.replacing("6.18", with: "6.1")) == [])
    }

    @Test("source: it can be looked up")
    func source() throws {
        let text = Self.head + Self.row + Self.example
        #expect(try Self.problems(text.replacing("6.18 fs/a.c", with: "the internet")) == ["5:1 source"])
        #expect(try Self.problems(text.replacing("6.18 fs/a.c", with: "6.18")) == ["5:1 source"])
        #expect(try Self.problems(text.replacing("6.18 fs/a.c", with: "49b29a573da8")) == [])
    }

    @Test("summary: a sentence")
    func summary() throws {
        let text = Self.head + Self.row + Self.example
        #expect(try Self.problems(text.replacing("example.", with: "example")) == ["2:11 summary"])
        #expect(try Self.problems("filesystem = \"a\"\n" + Self.row + Self.example) == ["1:1 summary"])
    }
}
