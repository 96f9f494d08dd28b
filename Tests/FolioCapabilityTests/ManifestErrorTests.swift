import Testing

@testable import FolioCapability

@Suite("A manifest that is wrong")
struct ManifestErrorTests {
    /// A row that is right, for what follows it.
    static let row = "[[capability]]\norders = \"none\"\nsource = \"s\"\nconfidence = \"read\"\n"

    @Test(
        "says where and what",
        arguments: [
            ("filesystem = ", 1, "end-of-file"),
            ("filesystem = \"a\"\nfilesystem = \"b\"\n", 2, "filesystem"),
            ("[=]\n", 1, "a table header has a name"), ("a = \n[[]]\n", 1, "value"),
            ("a = [}]", 1, "a list ends with ]"),
            ("[\n", 1, "a table header has a name"),
            ("", 0, "a manifest lacks the key \"filesystem\""),
            ("filesystem = \"a\"\n", 1, "at least one [[capability]] row"),
            ("filesystem = 3\n" + row, 1, "filesystem is a string, not a whole number"),
            ("filesystem = \"a b\"\n" + row, 1, "must be a filesystem type"),
            ("filesystem = \"a\"\naliases = [\"b\",\n  \"*\"]\n" + row, 3, "an alias is \"*\""),
            ("filesystem = \"a\"\ncolour = 1\n" + row, 2, "unknown key \"colour\" in a manifest"),
            ("filesystem = \"a\"\n" + row + "order = 1\n", 6, "unknown key \"order\" in a [[capability]] row"),
            ("filesystem = \"a\"\n" + row + "kernel = \"6.1\"\n", 6, "kernel is \"6.1\", and must be like"),
            ("filesystem = \"a\"\n" + row + "kernel = \">=6.9 <6.1\"\n", 6, "no kernel is in the range"),
            ("filesystem = \"a\"\n" + row + "writes = \"fast\"\n", 6, "writes is \"fast\", and must be one of"),
            ("filesystem = \"a\"\n" + row + "large_folio_writes = 1\n", 6, "large_folio_writes is true or false"),
            ("filesystem = \"a\"\n" + row + "when = {}\n", 6, "when states no condition"),
            ("filesystem = \"a\"\n" + row + "when = { inode_flags = [\"a\", 3] }\n", 6, "an element of inode_flags"),
            ("filesystem = \"a\"\n" + row + "unless = { flag = 3 }\n", 6, "unknown key \"flag\" in unless"),
            ("filesystem = \"a\"\n" + row + "unless = { config = { CONFIG_A = true } }\n", 6, "without CONFIG_"),
            ("filesystem = \"a\"\n" + row + "when = { block_size = \"big\" }\n", 6, "block_size is \"big\""),
            (
                "filesystem = \"a\"\n[[capability]]\norders = \"none\"\nconfidence = \"read\"\n", 2,
                "lacks the key \"source\""
            ),
            (
                "filesystem = \"a\"\n[[capability]]\nsource = \"s\"\nconfidence = \"read\"\n", 2,
                "the row states nothing"
            ),
            ("filesystem = \"a\"\n" + row + "[[example]]\ngiven = {}\n", 6, "an [[example]] lacks the key \"expect\""),
            (
                "filesystem = \"a\"\n" + row + "[[example]]\ngiven = { kernel = \"x\" }\nexpect = {}\n", 7,
                "kernel is \"x\""
            ),
        ])
    func position(text: String, line: Int, message: String) throws {
        let error = try #require(throws: ManifestError.self) { try Manifest.parse(text, file: "a.toml") }
        #expect(error.message.contains(message), "\(error)")
        if line > 0 { #expect(error.line == line, "\(error)") }
        #expect(error.description.hasPrefix("a.toml:"))
    }

    @Test(
        "about orders says which column",
        arguments: [
            ("orders = \"all\"", 10, "orders is \"all\""), ("orders = 9", 10, "orders is \"none\""),
            ("orders = { min = 0 }", 1, "orders lacks the key \"max\""),
            ("orders = { min = 5, max = 2 }", 27, "max is 2, less than min, 5"),
            ("orders = { min = 0, max = \"huge\" }", 27, "max is \"huge\""),
            ("orders = { min = 0, max = 99 }", 27, "max is 99, and must be from 0 to 30"),
            ("orders = { min = 0, max = 2, top = 3 }", 30, "unknown key \"top\" in orders"),
        ])
    func orders(line: String, column: Int, message: String) throws {
        let text = "filesystem = \"a\"\n# a comment [[x]] = 3\n[[capability]]\n\(line)\nsource = \"\"\"a\n# b\n\"\"\"\n"
        let error = try #require(throws: ManifestError.self) { try Manifest.parse(text, file: "a.toml") }
        #expect(error.message.contains(message), "\(error)")
        #expect(error.line == 4, "\(error)")
        #expect(error.column == column, "\(error)")
    }

    @Test("in a string of several lines before it, still says the right line")
    func longStrings() throws {
        let text = "filesystem = \"a\"\nsummary = '''x\n[[y]]\n''' # \"\n\"odd\" = { a.b = [1, [2]] }\n" + Self.row
        let error = try #require(throws: ManifestError.self) { try Manifest.parse(text, file: "a.toml") }
        #expect(error == ManifestError(file: "a.toml", line: 5, column: 1, message: error.message))
    }

    @Test("whose example does not hold says which")
    func example() throws {
        let text = "filesystem = \"a\"\n" + Self.row + "\n[[example]]\ngiven = {}\nexpect = { orders = [0, 9] }\n"
        let manifest = try Manifest.parse(text, file: "a.toml")
        #expect(
            try CapabilityRegistry().failures(of: manifest).map(\.description) == [
                "a.toml:7:1: the example does not hold: orders are order 0, expected 0 to 9"
            ])
    }
}
