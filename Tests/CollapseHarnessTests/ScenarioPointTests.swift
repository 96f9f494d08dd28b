import CollapseHarness
import Foundation
import Testing

@Suite("the points of docs/VERIFICATION.md")
struct ScenarioPointTests {
    private let document: String

    init() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        document = try String(contentsOf: here.appending(path: "../../docs/VERIFICATION.md"), encoding: .utf8)
    }

    @Test("each is there by its name and with what it says, and no other is", arguments: ScenarioPoint.all)
    func documented(point: ScenarioPoint) {
        #expect(document.contains("| `\(point.name)` | \(point.says) |"))
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.contains("` | ") }
        let inTable = rows.count { row in ScenarioPoint.all.contains { row.hasPrefix("| `\($0.name)` |") } }
        #expect(inTable == ScenarioPoint.all.count)
    }

    @Test("each has scenarios that are played", arguments: ScenarioPoint.all)
    func played(point: ScenarioPoint) throws {
        #expect(!point.lines.isEmpty)
        for line in point.lines {
            let scenario = try Scenario(line: line)
            #expect(PruningRule.first(scenario) == nil, "\(line)")
            #expect(ScenarioGenerator.scenarios.contains(scenario), "\(line)")
        }
    }

    @Test("every value of every dimension is in the document", arguments: Dimension.all.map(\.name))
    func dimensions(name: String) throws {
        let dimension = try #require(Dimension.all.first { $0.name == name })
        let row = try #require(document.split(separator: "\n").first { $0.hasPrefix("| `\(name)` |") })
        for word in dimension.words { #expect(row.contains("`\(word)`"), "\(word)") }
    }

    @Test("every rule that takes combinations out is in the document")
    func rules() {
        for rule in PruningRule.all { #expect(document.contains("| `\(rule.id)` | \(rule.why) |"), "\(rule.id)") }
    }
}
