import Glibc
import Testing

@testable import FolioFS

@Suite struct LockRangesTests {
    /// One byte's lock: none, F_RDLCK or F_WRLCK.
    private typealias Bytes = [Int16?]

    private func bytes(_ ranges: LockRanges, _ count: Int) -> Bytes {
        var bytes = Bytes(repeating: nil, count: count)
        // What is locked to the end of the file goes on beyond the bytes that are looked at.
        for range in ranges.all where range.start < count {
            for at in range.start...min(range.end, Int64(count) - 1) {
                bytes[Int(at)] = Int16(range.isWrite ? F_WRLCK : F_RDLCK)
            }
        }
        return bytes
    }

    @Test(
        "whatever is taken and given up, each byte has the lock that was set last", arguments: 0..<50 as Range<UInt64>)
    func bytewise(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var ranges = LockRanges()
        var model = Bytes(repeating: nil, count: 40)
        for _ in 0..<60 {
            let type = [Int16(F_RDLCK), Int16(F_WRLCK), Int16(F_UNLCK)][random(3)]
            let start = random(40)
            let length = random(6) == 0 ? 0 : random(40 - start) + 1
            ranges.set(type, start: Int64(start), length: Int64(length))
            for at in start..<(length == 0 ? 40 : start + length) { model[at] = type == Int16(F_UNLCK) ? nil : type }
            #expect(bytes(ranges, 40) == model)
            for (one, next) in zip(ranges.all, ranges.all.dropFirst()) {
                #expect(one.end < next.start)
                #expect(one.end + 1 < next.start || one.isWrite != next.isWrite, "ranges that touch are joined")
            }
        }
    }

    @Test("readers share, a writer does not, and what is apart does not conflict")
    func conflicts() {
        var ranges = LockRanges()
        ranges.set(Int16(F_RDLCK), start: 10, length: 10)
        #expect(ranges.conflict(with: .init(start: 0, length: 0, isWrite: false)) == nil)
        #expect(ranges.conflict(with: .init(start: 0, length: 10, isWrite: true)) == nil)
        #expect(ranges.conflict(with: .init(start: 19, length: 1, isWrite: true))?.start == 10)
        ranges.set(Int16(F_WRLCK), start: 100, length: 0)
        #expect(ranges.conflict(with: .init(start: 1 << 62, length: 5, isWrite: false))?.length == 0)
    }
}
