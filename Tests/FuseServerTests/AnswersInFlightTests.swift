import Testing

@testable import FuseServer

@Suite("answers in flight")
struct AnswersInFlightTests {
    @Test("a ticket is past when what was begun before it has ended, whatever has begun since")
    func ticket() {
        let answers = AnswersInFlight()
        let first = answers.join()
        let second = answers.join()
        #expect(answers.isPast(answers.ticket()))
        answers.begin(first)
        let ticket = answers.ticket()
        #expect(!answers.isPast(ticket))
        answers.begin(second)
        answers.end(first)
        #expect(answers.isPast(ticket))
        let later = answers.ticket()
        #expect(!answers.isPast(later))
        answers.end(second)
        #expect(answers.isPast(later))
    }

    @Test("a thread that has left is not waited for")
    func leave() {
        let answers = AnswersInFlight()
        let slot = answers.join()
        answers.begin(slot)
        let ticket = answers.ticket()
        answers.leave(slot)
        #expect(answers.isPast(ticket))
    }

    @Test("it is quiet only when nothing was answered for a while")
    func quiet() {
        let answers = AnswersInFlight()
        #expect(!answers.isQuiet(for: 1000))
        let slot = answers.join()
        #expect(answers.isQuiet(for: 1000))
        answers.begin(slot)
        #expect(!answers.isQuiet(for: 1000))
        answers.end(slot)
        #expect(!answers.isQuiet(for: 100_000))
    }
}
