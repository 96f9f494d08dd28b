import Glibc

/// Who waits for which record lock through the mount, so that a deadlock is found: among open file description locks, which
/// carry them on the source, the kernel looks for none.
final class LockWaits: Sendable {
    /// An owner that waits.
    struct Wait {
        let owner: UInt64
        let inode: Inode
        let range: LockRanges.Range
    }

    private let waits = LockedState<(next: Int, all: [Int: Wait])>((0, [:]))

    /// Begins a wait, to be ended by its number; nil: it would wait for itself, EDEADLK.
    func begin(_ wait: Wait) -> Int? {
        waits.withLock { waits in
            var seen: Set<UInt64> = []
            guard !Self.leads(from: wait, to: wait.owner, waits.all, &seen) else { return nil }
            waits.next += 1
            waits.all[waits.next] = wait
            return waits.next
        }
    }

    func end(_ number: Int) { _ = waits.withLock { $0.all.removeValue(forKey: number) } }

    /// Whether what `wait` waits for waits, over however many others, for `target`.
    private static func leads(from wait: Wait, to target: UInt64, _ all: [Int: Wait], _ seen: inout Set<UInt64>) -> Bool
    {
        let holders = wait.inode.locks.withLockIfPresent { owners in
            owners.filter { $0.key != wait.owner && $0.value.ranges.conflict(with: wait.range) != nil }.map(\.key)
        }
        for holder in holders ?? [] {
            if holder == target { return true }
            guard seen.insert(holder).inserted else { continue }
            for next in all.values where next.owner == holder {
                if leads(from: next, to: target, all, &seen) { return true }
            }
        }
        return false
    }
}
