import FolioPolicy
import Testing

@Suite("Unknown exactly where it must be")
struct ExactnessTests {
    /// Ways to fill in what is open that are all tried for one query.
    private static let limit = 200

    @Test(
        "the verdict is unknown if and only if filling in the unknowns in different ways gives different verdicts",
        arguments: 0..<8)
    func exact(seed: UInt64) {
        var generator = QueryGenerator(seed: seed &* 7919 &+ 11)
        for _ in 0..<150 {
            let complete = generator.complete()
            // What is denied is denied many times over: leave most of it out, so that what is taken away matters.
            let isDenied = decide(complete).verdict == .denied
            guard complete.isPossible, !isDenied || generator.random.pick([true, false, false, false, false]) else {
                continue
            }
            var question = OpenQuestion(complete)
            var left = OpenQuestion.all.shuffled(using: &generator.random)
            for _ in 0..<Int.random(in: 1...5, using: &generator.random) {
                let next = left.removeLast()
                if question.ways * next.values.count <= Self.limit { question.take(next) }
            }
            let verdicts = question.verdicts
            let answer = decide(question.query)
            let said = "\(question.unknowns.map(\.name)) \(verdicts) \(question.query)"
            #expect(!verdicts.isEmpty, "\(said)")
            #expect((answer.verdict == .unknown) == (verdicts.count > 1), "\(said)")
            if verdicts.count == 1, answer.verdict != .unknown { #expect(verdicts == [answer.verdict], "\(said)") }
            #expect((answer.verdict == .unknown) == !answer.missing.isEmpty, "\(said)")
        }
    }

    @Test("each fact is unknown where it matters: none of the ways to ask is empty")
    func each() {
        var generator = QueryGenerator(seed: 4242)
        var mattered: Set<String> = []
        for _ in 0..<1500 {
            let complete = generator.complete()
            guard complete.isPossible, decide(complete).verdict == .allowed else { continue }
            for unknown in OpenQuestion.all {
                var question = OpenQuestion(complete)
                question.take(unknown)
                if decide(question.query).verdict == .unknown { mattered.insert(unknown.name) }
            }
        }
        #expect(mattered.count > OpenQuestion.all.count / 2, "\(mattered.sorted())")
    }

    @Test("one fact at a time", arguments: OpenQuestion.all.map(\.name))
    func single(name: String) throws {
        let unknown = try #require(OpenQuestion.all.first { $0.name == name })
        var generator = QueryGenerator(seed: UInt64(name.utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 0xffff))
        for _ in 0..<40 {
            let complete = generator.complete()
            guard complete.isPossible else { continue }
            var question = OpenQuestion(complete)
            question.take(unknown)
            let verdicts = question.verdicts
            let answer = decide(question.query)
            #expect((answer.verdict == .unknown) == (verdicts.count > 1), "\(verdicts) \(question.query)")
        }
    }
}
