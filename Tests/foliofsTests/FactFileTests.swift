import FolioCapability
import FolioPolicy
import Foundation
import Testing

@testable import foliofs

/// Facts/NAME.json is what `foliofs facts` wrote on a real machine, Facts/NAME.txt what `explain --facts` says of it for every
/// operation. `RECORD=1 swift test` writes the latter anew; read them before they are kept.
@Suite("Facts captured on a real machine")
struct FactFileTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Facts")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test("get the same answers everywhere", arguments: names)
    func golden(name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name + ".json"), encoding: .utf8)
        let registry = try CapabilityRegistry()
        var lines: [String] = []
        for operation in Operation.allCases {
            var document = try QueryDocument.parse(text)
            document.operation = operation
            let query = document.query(registry: registry)
            let decision = decide(query)
            let rule = decision.rules.last { $0.outcome == .fail || $0.outcome == .unknown }
            let why = rule.map { " by \($0.id)" } ?? ""
            let lacking = decision.missing.isEmpty ? "" : ", missing \(decision.missing.joined(separator: " "))"
            lines.append(
                "\(operation.rawValue): \(decision.verdict.rawValue)\(why)" + (decision.errno.map { ", \($0)" } ?? "")
                    + lacking)
        }
        let document = try QueryDocument.parse(text)
        let capability = registry.capability(
            filesystem: document.filesystem, file: document.file, kernel: document.kernel)
        lines.append(
            "orders: \(Fact.Value.capability(capability.orders)), \(capability.confidence?.rawValue ?? "unknown")")
        let said = lines.joined(separator: "\n") + "\n"
        let golden = Self.folder.appending(path: name + ".txt")
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try said.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(said == (try String(contentsOf: golden, encoding: .utf8)))
    }

    @Test("are written as they are read", arguments: names)
    func roundTrip(name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name + ".json"), encoding: .utf8)
        let document = try QueryDocument.parse(text)
        #expect(try QueryDocument.parse(try JSONText.pretty(document)) == document)
    }

    @Test("there are ten of them")
    func enough() { #expect(Self.names.count >= 10) }
}
