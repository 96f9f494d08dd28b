import FolioCapability
import FolioPolicy
import Foundation
import Testing

@testable import FolioConfiguration

/// Mistakes/NAME.conf, and NAME.txt with all that is said of it. `RECORD=1 swift test` writes the latter anew; read them
/// before they are kept.
@Suite("A configuration file")
struct ConfigurationTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let people = People(users: ["root": 0, "postgres": 105], groups: ["users": 100])

    static let names: [String] = {
        let path = folder.appending(path: "Mistakes").path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return files.filter { $0.hasSuffix(".conf") }.map { String($0.dropLast(5)) }.sorted()
    }()

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: "Mistakes/" + name), encoding: .utf8)
    }

    @Test("that is wrong says where, what, and what to write instead, of everything", arguments: names)
    func golden(name: String) throws {
        let text = try Self.text(name + ".conf")
        var problems: [String] = []
        do {
            _ = try Configuration.parse(text, file: name + ".conf", people: Self.people)
        } catch {
            problems = error.problems.map(\.description)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            for problem in error.problems {
                #expect((1...lines.count).contains(problem.line))
                #expect(problem.column <= lines[problem.line - 1].unicodeScalars.count + 1, "\(problem)")
                #expect(problem.suggestion != nil, "\(problem)")
            }
        }
        let said = problems.map { $0 + "\n" }.joined()
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            let golden = Self.folder.appending(path: "Mistakes/" + name + ".txt")
            try said.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(said == (try Self.text(name + ".txt")))
        #expect(problems.isEmpty == ["right", "empty"].contains(name))
    }

    @Test("gives what it says")
    func values() throws {
        let read = try Configuration.parse(Self.text("right.conf"), file: "right.conf", people: Self.people)
        #expect(read.stageLimit == 2 << 30)
        #expect(read.stageSyncLimit == 1 << 20)
        #expect(read.watch == "inotify")
        #expect(read.noPassthrough == false)
        #expect(read.readOnly == true)
        #expect(read.promotionRate == 512 << 20 && read.promotionMemory == 25 && read.promotionCheck == 0)
        #expect(read.prestage.map(\.text) == ["sets/*"])
        #expect(read.plugins == ["/etc/foliofs/more"])
        let rule = try #require(read.rules.first)
        #expect(rule.label == RouteRule.Label(name: "models", place: "right.conf:14"))
        #expect(rule.condition.paths.map(\.text) == ["*.gguf", "sets/*"])
        #expect(rule.condition.size == SizeRange(smallest: 64 << 20))
        #expect(rule.condition.kinds == .all)
        #expect(
            rule.condition.magics == [
                FileMagic(bytes: Array("GGUF".utf8)), FileMagic(offset: 257, bytes: [0xfd, 0x37, 0x7a, 0x58]),
            ])
        #expect(rule.condition.exec == false)
        #expect(rule.condition.owners == [0, 1000])
        #expect(rule.condition.groups == [100])
        #expect(rule.condition.heat == OpenHeat(opens: 3, within: 600))
        #expect(rule.routes == [.staged, .native])
        #expect(rule.promote == .asked)
        #expect(rule.promotion == .refault)
        #expect(rule.alignedExec == false)
        let second = try #require(read.rules.last)
        #expect(second.label.name == "line 29")
        #expect(second.routes == nil && second.promote == .never)
    }

    @Test("that names routes and no time means the open")
    func time() throws {
        let read = try Configuration.parse("[[rule]]\nroutes = [\"staged\"]\n", file: "a", people: Self.people)
        #expect(read.rules.first?.promote == .open)
    }

    @Test("is shown as a text that says the same")
    func shown() throws {
        let read = try Configuration.parse(Self.text("right.conf"), file: "right.conf", people: Self.people)
        let again = try Configuration.parse(read.text, file: "again", people: Self.people)
        #expect(again.rules.map(\.condition) == RouteRules(read.rules).rules.map(\.condition))
        #expect(again.rules.map(\.label.name) == RouteRules(read.rules).rules.map(\.label.name))
        #expect(again.rules.map(\.routes) == RouteRules(read.rules).rules.map(\.routes))
        #expect(again.rules.map(\.alignedExec) == RouteRules(read.rules).rules.map(\.alignedExec))
        #expect(again.settingsThatDiffer(from: read) == [])
        #expect(again.stageSyncLimit == read.stageSyncLimit)
    }

    @Test("has each key in its man page, and the page has no other")
    func manPage() throws {
        let page = Self.folder.appending(path: "../../packaging/man/foliofs.conf.5")
        let documented = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.hasPrefix(".It Ic ") ? line.dropFirst(7).split(separator: " ").first.map(String.init) : nil
        }
        let schema = try ConfigurationSchema.schema
        let rule = try #require(schema.property("rule")?.items)
        let inner = ["magic", "heat"].flatMap { (rule.property($0)?.items ?? rule.property($0))?.keys ?? [] }
        let keys = schema.keys.filter { $0 != "rule" } + rule.keys + inner
        #expect(documented.sorted() == keys.sorted())
    }
}
