import Testing

@testable import FolioPolicy

@Suite("The rules by which files get their routes")
struct RouteRulesTests {
    private static let pmd = 2 << 20

    private func rule(_ name: String, _ say: (inout RouteRule) throws -> Void) rethrows -> RouteRule {
        var rule = RouteRule(name: name, place: "here")
        try say(&rule)
        return rule
    }

    private func choose(_ rules: [RouteRule], _ subject: RuleSubject) -> RuleChoice {
        RouteRules(rules).choose(subject, pmdSize: Self.pmd)
    }

    private func file(
        path: String? = "data/a.bin", size: Int = 8 << 20, kinds: FileKinds = [], exec: Bool = false,
        user: UInt32 = 1000, heats: Set<OpenHeat> = [], magics: Set<FileMagic> = []
    ) -> RuleSubject {
        RuleSubject(
            path: path.map { Array($0.utf8) }, size: size, kinds: kinds, knownKinds: .all, magics: magics, exec: exec,
            user: user, group: user, heats: heats)
    }

    @Test(
        "without any, programs are promoted when they are opened, other files when asked, and small files are nobody's")
    func builtIn() {
        let program = choose([], file(kinds: [.executable]))
        #expect(program.routes == [.native, .staged, .fallback, .plain])
        #expect(program.promote == .open)
        #expect(program.promoteRule?.name == "programs")
        #expect(program.rule?.name == "everything")
        #expect(choose([], file(kinds: [.elf])).promote == .open)
        #expect(choose([], file()).promote == .asked)
        #expect(choose([], file(size: Self.pmd - 1)) == RuleChoice())
        #expect(choose([], file(size: Self.pmd)).routes != nil)
    }

    @Test("the first that matches decides, and what it leaves out is left to the next")
    func order() throws {
        let first = rule("first") { $0.promote = .never }
        let second = rule("second") {
            $0.routes = [.staged]
            $0.promote = .open
        }
        let third = rule("third") { $0.routes = [.plain] }
        let choice = choose([first, second, third], file())
        #expect(choice.promote == .never)
        #expect(choice.promoteRule?.name == "first")
        #expect(choice.routes == [.staged])
        #expect(choice.rule?.name == "second")
        #expect(choice.alignedExec == true)
    }

    @Test("each condition lets through what meets it and nothing else")
    func conditions() throws {
        let elf = FileMagic(bytes: [0x7f, 0x45])
        let hot = OpenHeat(opens: 2, within: 60)
        let cases: [(RouteRule, meets: RuleSubject, fails: RuleSubject)] = [
            (try rule("path") { $0.condition.paths = [try PathPattern("*.bin")] }, file(), file(path: "a.txt")),
            (
                rule("size") { $0.condition.size = SizeRange(smallest: 4 << 20, below: 16 << 20) }, file(),
                file(size: 16 << 20)
            ),
            (
                rule("kind") { $0.condition.kinds = [.sharedObject] }, file(kinds: [.elf, .sharedObject]),
                file(kinds: [.elf])
            ),
            (rule("magic") { $0.condition.magics = [elf] }, file(magics: [elf]), file()),
            (rule("exec") { $0.condition.exec = true }, file(exec: true), file()),
            (rule("other") { $0.condition.exec = false }, file(), file(exec: true)),
            (rule("owner") { $0.condition.owners = [0, 1000] }, file(), file(user: 7)),
            (rule("group") { $0.condition.groups = [1000] }, file(), file(user: 7)),
            (rule("heat") { $0.condition.heat = hot }, file(heats: [hot]), file()),
        ]
        for (rule, meets, fails) in cases {
            var rule = rule
            rule.routes = [.staged]
            #expect(choose([rule], meets).rule?.name == rule.label.name)
            #expect(choose([rule], fails).rule?.name == "everything", "\(rule.label.name)")
        }
    }

    @Test("all that a rule asks must hold")
    func all() throws {
        let both = try rule("both") {
            $0.condition.paths = [try PathPattern("data/*"), try PathPattern("more/*")]
            $0.condition.owners = [1000]
            $0.routes = [.plain]
        }
        #expect(choose([both], file()).rule?.name == "both")
        #expect(choose([both], file(path: "more/a")).rule?.name == "both")
        #expect(choose([both], file(path: "other/a")).rule?.name == "everything")
        #expect(choose([both], file(user: 1)).rule?.name == "everything")
    }

    @Test("a rule that cannot be judged is passed over and named, unless it fails anyway")
    func unknown() throws {
        let path = try rule("path") {
            $0.condition.paths = [try PathPattern("*.bin")]
            $0.condition.owners = [1000]
            $0.routes = [.staged]
        }
        let choice = choose([path], file(path: nil))
        #expect(choice.unsure.map(\.name) == ["path"])
        #expect(choice.rule?.name == "everything")
        #expect(choose([path], file(path: nil, user: 3)).unsure.isEmpty)
    }

    @Test("small files are looked at only where a rule names their size")
    func smallest() {
        #expect(RouteRules([]).smallestFile(pmdSize: Self.pmd) == Self.pmd)
        let large = rule("large") { $0.condition.size = SizeRange(smallest: 8 << 20) }
        #expect(RouteRules([large]).smallestFile(pmdSize: Self.pmd) == Self.pmd)
        let small = rule("small") { $0.condition.size = SizeRange(smallest: 4096) }
        #expect(RouteRules([large, small]).smallestFile(pmdSize: Self.pmd) == 4096)
        #expect(RouteRules([.forced(.staged, place: "here")]).smallestFile(pmdSize: Self.pmd) == 0)
    }

    @Test("what no rule looks at need not be found out")
    func needs() throws {
        #expect(RouteRules.builtIn.needs == [])
        let path = try rule("path") { $0.condition.paths = [try PathPattern("*")] }
        let exec = rule("exec") { $0.condition.exec = true }
        #expect(RouteRules([path, exec]).needs == [.path, .exec])
    }

    @Test("opens are counted within their time")
    func heat() {
        var times = OpenTimes()
        let heat = OpenHeat(opens: 3, within: 10)
        for now in [100, 105] { times.opened(at: now, keeping: 3) }
        #expect(!times.reach(heat, at: 105))
        times.opened(at: 110, keeping: 3)
        #expect(times.reach(heat, at: 110))
        #expect(!times.reach(heat, at: 111))
        times.opened(at: 111, keeping: 3)
        #expect(times.reach(heat, at: 111))
    }
}
