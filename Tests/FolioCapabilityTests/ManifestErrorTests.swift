import Foundation
import Testing

@testable import FolioCapability

/// Mistakes/NAME.toml each with one mistake (or several), and NAME.txt with what is said of it. `RECORD=1 swift test`
/// writes the latter anew; read them before they are kept.
@Suite("A manifest that is wrong")
struct ManifestErrorTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Mistakes")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test("says where, what, and what to write instead", arguments: names)
    func golden(name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name + ".toml"), encoding: .utf8)
        let problems = Manifest.problems(text, file: name + ".toml", registry: try CapabilityRegistry())
        let said = problems.map { $0.description + "\n" }.joined()
        let golden = Self.folder.appending(path: name + ".txt")
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try said.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(said == (try String(contentsOf: golden, encoding: .utf8)))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for problem in problems where problem.line > 0 {
            #expect(problem.line <= lines.count)
            #expect(problem.column <= lines[problem.line - 1].unicodeScalars.count + 1, "\(problem)")
        }
        #expect(problems.isEmpty == (name == "right"))
    }

    @Test("there are mistakes of every kind")
    func enough() { #expect(Self.names.count > 60) }

    @Test("what the schema forbids is an error wherever the manifest is read", arguments: names)
    func parsed(name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name + ".toml"), encoding: .utf8)
        let first = Manifest.problems(text, file: "a", registry: try CapabilityRegistry()).first
        guard let first, first.rule == nil else {
            _ = try Manifest.parse(text, file: "a")
            return
        }
        let error = try #require(throws: ManifestError.self) { try Manifest.parse(text, file: "a") }
        #expect(error == first)
    }

    @Test(
        "about kernels suggests the range that was meant",
        arguments: [
            ("6.16+", ">=6.16"), ("6.16", ">=6.16 <6.17"), (">6.16", ">=6.17"), ("<=6.16", "<6.17"),
            ("6.12-6.18", ">=6.12 <6.19"), ("6.12..6.18", ">=6.12 <6.19"), (">=6.12,<6.18", ">=6.12 <6.18"),
            (">= 6.12", ">=6.12"), ("<6.18 >=6.12", ">=6.12 <6.18"), ("=>6.12", ">=6.12"),
        ])
    func kernels(text: String, suggestion: String) { #expect(KernelRangeText.suggestion(text) == suggestion) }

    @Test(
        "about kernels suggests nothing where nothing can be meant", arguments: ["recent", "", "6", "6.18-6.12", "x.y"])
    func noKernels(text: String) { #expect(KernelRangeText.suggestion(text) == nil) }

    @Test("suggests a word only where it is near")
    func nearest() {
        let words = ["measured", "read", "inferred"]
        #expect(NearestWord.find("mesured", among: words) == "measured")
        #expect(NearestWord.find("Read", among: words) == "read")
        #expect(NearestWord.find("guessed", among: words) == nil)
        #expect(NearestWord.distance("kitten", "sitting") == 3)
    }
}
