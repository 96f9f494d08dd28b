import Dispatch
import Testing

@testable import FuseServer

@Suite("The rota")
struct RotaTests {
    private static func worker(_ rota: Rota) throws -> Worker { try #require(rota.enlist()) }

    @Test("leaves one reader alone, and nobody looks any more when nothing comes")
    func rests() throws {
        let rota = Rota(maximum: 4)
        let worker = try Self.worker(rota)
        #expect(!rota.begins(worker))
        rota.ends(worker) { false }
        var pauses: [Int32] = []
        for _ in 0..<8 where pauses.last != -1 {
            let next = rota.look { false }
            #expect(next.starts == 0)
            pauses.append(next.pause)
        }
        #expect(pauses.last == -1)
        #expect(rota.begins(worker), "the first request wakes who looks")
        rota.ends(worker) { false }
        #expect(!rota.begins(worker), "the next one does not")
    }

    @Test("has another read where one is held up, and not while requests pass")
    func heldUp() throws {
        let rota = Rota(maximum: 2)
        let worker = try Self.worker(rota)
        for _ in 0..<4 {
            _ = rota.begins(worker)
            #expect(rota.look { false }.starts == 0)
            rota.ends(worker) { false }
        }
        _ = rota.begins(worker)
        #expect(rota.look { false }.starts == 0)
        #expect(rota.look { false }.starts == 1)
        _ = try Self.worker(rota)
        #expect(rota.look { false } == (0, Rota.interval))
        #expect(rota.enlist() == nil)
    }

    @Test("has more read where requests keep waiting")
    func backlog() throws {
        let rota = Rota(maximum: 2)
        let worker = try Self.worker(rota)
        var starts = 0
        for _ in 0..<16 where starts == 0 {
            _ = rota.begins(worker)
            starts += rota.look { true }.starts
            rota.ends(worker) { false }
        }
        #expect(starts == 1)
    }

    @Test("has another read at once for what takes long, and lets one of the two rest afterwards")
    func takesLong() throws {
        let rota = Rota(maximum: 2)
        let first = try Self.worker(rota)
        _ = rota.begins(first)
        #expect(rota.beginsLong(first))
        let second = try Self.worker(rota)
        let returned = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            rota.ends(first) { false }
            returned.signal()
        }
        while !first.isResting {}
        _ = rota.begins(second)
        #expect(!rota.beginsLong(second), "the resting one is called")
        returned.wait()
        #expect(!first.isResting)
    }
}
