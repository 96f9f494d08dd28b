import Glibc
import Synchronization

/// A thread that reads requests and has them answered, as the rota sees it.
final class Worker: Sendable {
    /// Even: it waits for a request. Odd: it handles one. Grows by one at each change.
    private let steps = Atomic<UInt>(0)
    /// It waits to be called.
    private let resting = Atomic<Bool>(false)

    /// How far it is: the same odd value some time later means that it is held up by one request.
    var step: UInt { steps.load(ordering: .sequentiallyConsistent) }

    var isResting: Bool {
        get { resting.load(ordering: .sequentiallyConsistent) }
        set { resting.store(newValue, ordering: .sequentiallyConsistent) }
    }

    /// Keeps it on its caller's processor.
    let place = WorkerPlace()

    func advance() { steps.add(1, ordering: .sequentiallyConsistent) }
}

extension UInt {
    /// Of a worker's step: whether it handles a request.
    var isHandling: Bool { self & 1 == 1 }
}
