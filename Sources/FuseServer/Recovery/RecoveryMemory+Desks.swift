import Synchronization

/// How workers come to desks, and to what the last daemon left undone.
extension RecoveryMemory {
    /// The next request that was in flight when the last daemon ended, at its desk, where the worker sits from then on; nil: none is left.
    ///
    /// - Parameter desk: where the worker sits, which is free where the request is at another; nil: nowhere yet.
    func takeUnfinished(from desk: Desk?) -> Desk? {
        freeDesks.withLock { free in
            if !unfinished.isEmpty {
                if let desk { free.append(desk) }
                return unfinished.removeFirst()
            }
            guard !extraRequests.isEmpty, let place = desk ?? free.popLast() else { return nil }
            extraRequests.removeFirst().withUnsafeBytes { place.place($0) }
            return place
        }
    }

    /// A desk for a worker that has none; nil: there are no more.
    func takeDesk() -> Desk? { freeDesks.withLock { $0.popLast() } }
}
