import Glibc
import Testing

@testable import FolioFS

@Suite struct LockedStateTests {
    @Test("what many threads add is all there")
    func threads() async {
        let state = LockedState(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<10_000 { state.withLock { $0 += 1 } } }
            }
        }
        #expect(state.withLock { $0 } == 80_000)
    }
}
