import FolioPolicy
import Synchronization

/// The policy that is in force.
final class LivePolicy: Sendable {
    /// A policy, and which one it is since the mount began: what it has decided holds as long as it is in force.
    struct Edition: Sendable {
        let policy: ServePolicy
        let number: Int

        var rules: RouteRules { policy.rules }
    }

    private let pmdSize: Int
    private let edition: LockedState<Edition>
    private let smallest: Atomic<Int>

    init(_ policy: ServePolicy, pmdSize: Int) {
        self.pmdSize = pmdSize
        edition = LockedState(Edition(policy: policy, number: 0))
        smallest = Atomic(policy.rules.smallestFile(pmdSize: pmdSize))
    }

    /// The policy now.
    var current: Edition { edition.withLock { $0 } }

    /// Whether rules may speak of a file of `size` bytes. It takes no lock, as each open of each small file asks.
    @inline(__always)
    func concerns(size: Int) -> Bool { size >= smallest.load(ordering: .relaxed) }

    /// Puts another policy into force.
    func replace(_ policy: ServePolicy) {
        edition.withLock { edition in
            edition = Edition(policy: policy, number: edition.number + 1)
            smallest.store(policy.rules.smallestFile(pmdSize: pmdSize), ordering: .relaxed)
        }
    }
}
