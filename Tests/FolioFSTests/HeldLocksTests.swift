import Glibc
import Testing

@testable import FolioFS

@Suite("what an open file has locked") struct HeldLocksTests {
    @Test("lines of fdinfo")
    func parse() {
        let ranges = HeldLocks.parse(
            """
            pos:	0
            flags:	02
            lock:	1: OFDLCK ADVISORY  WRITE -1 fd:01:42 10 19
            lock:	2: OFDLCK ADVISORY  READ -1 fd:01:42 100 EOF
            lock:	3: FLOCK  ADVISORY  WRITE 99 fd:01:42 0 EOF

            """)
        #expect(
            ranges.all == [
                LockRanges.Range(start: 10, end: 19, isWrite: true),
                LockRanges.Range(start: 100, end: .max, isWrite: false),
            ])
    }
}
