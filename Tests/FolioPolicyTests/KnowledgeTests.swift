import FolioPolicy
import Testing

@Suite("What is not known")
struct KnowledgeTests {
    @Test("with everything known the answer is certain", arguments: 0..<20)
    func complete(seed: UInt64) {
        var generator = QueryGenerator(seed: seed)
        for _ in 0..<500 {
            let query = generator.complete()
            let decision = decide(query)
            #expect(decision.verdict != .unknown, "\(decision.missing) \(query)")
            #expect(decision.missing.isEmpty)
        }
    }

    @Test("more knowledge never turns a certain answer, and what is missing is named", arguments: 0..<8, [2, 4, 12])
    func monotone(seed: UInt64, oneIn: Int) {
        var generator = QueryGenerator(seed: seed &* 1000 &+ UInt64(oneIn))
        for _ in 0..<150 {
            let query = generator.complete()
            let certain = decide(query)
            let (poorer, taken) = generator.poorer(query, oneIn: oneIn)
            let answer = decide(poorer)
            guard answer.verdict == .unknown else {
                #expect(answer.verdict == certain.verdict, "\(taken) \(query)")
                if let errno = answer.errno { #expect(errno == certain.errno, "\(taken) \(query)") }
                continue
            }
            #expect(!answer.missing.isEmpty, "\(taken) \(query)")
            #expect(taken.isSuperset(of: answer.missing), "\(answer.missing) of \(taken) \(query)")
            #expect(answer.chunks.isEmpty && answer.errno == nil && answer.orders == nil)
        }
    }

    @Test("given back, it makes the answer certain", arguments: 0..<10)
    func restored(seed: UInt64) {
        var generator = QueryGenerator(seed: seed &+ 77)
        for _ in 0..<300 {
            let query = generator.complete()
            for taker in QueryGenerator.takers {
                var poorer = query
                taker.take(&poorer)
                let answer = decide(poorer)
                if answer.verdict == .unknown { #expect(Set(answer.missing).isSubset(of: taker.names)) }
            }
        }
    }
}
