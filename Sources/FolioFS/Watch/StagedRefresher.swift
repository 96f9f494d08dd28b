import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// Keeps the staged copies that are open or mapped equal to their sources, on a thread of its own.
///
/// A change that is reported is copied at once. A store through a shared mapping of the source is reported when it is
/// unmapped; until then it shows in the source's times alone, the first time that a page is stored to.
final class StagedRefresher: @unchecked Sendable {
    /// How often the copies in use are compared where changes are reported, and where they are not, in milliseconds.
    private static let intervals = (reported: 1000, unreported: 100)

    private let store: StagingStore
    /// Makes a copy equal to its source and says whether it is; true: also where the source's state seems to be the same.
    private let refresh: (StagedCopy, Bool) -> Bool
    private let changed = LockedState<[ObjectIdentifier: StagedCopy]>([:])
    private let all = Atomic(false)
    private let stopped = Atomic(false)
    private let wake: WakeUp
    private let ended: WakeUp
    /// When each copy may be refreshed again, in milliseconds; the thread's own.
    private var notBefore: [ObjectIdentifier: Int] = [:]
    /// Whether changes are reported.
    private let isToldOfChanges: () -> Bool

    init(
        _ store: StagingStore, isToldOfChanges: @escaping () -> Bool, refresh: @escaping (StagedCopy, Bool) -> Bool
    ) throws(Errno) {
        self.store = store
        self.isToldOfChanges = isToldOfChanges
        self.refresh = refresh
        wake = try WakeUp()
        ended = try WakeUp()
    }

    func start() {
        BackgroundThread.run { [self] in
            run()
            ended.signal()
        }
    }

    /// Ends the thread, and waits two seconds at most until it has ended.
    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        wake.signal()
        _ = ended.isSignalled(within: 2000)
    }

    /// Told of a file whose bytes were changed; nil: any may have been.
    func contentChanged(_ file: FanotifyEvent.File?) {
        guard !store.isEmpty else { return }
        if let file {
            guard let copy = store.copy(of: SourceFile(file)) else { return }
            copy.sourceWasChanged()
            contentChanged(copy)
        } else {
            for copy in store.all() { copy.sourceWasChanged() }
            all.store(true, ordering: .sequentiallyConsistent)
            wake.signal()
        }
    }

    /// Told of a copy whose source was changed.
    func contentChanged(_ copy: StagedCopy) {
        changed.withLock { $0[ObjectIdentifier(copy)] = copy }
        wake.signal()
    }

    /// Told that a copy has been taken into use.
    func began() { wake.signal() }

    private func run() {
        while !stopped.load(ordering: .sequentiallyConsistent) {
            let certain = changed.withLock { changed in
                defer { changed = [:] }
                return changed
            }
            let any = all.exchange(false, ordering: .sequentiallyConsistent)
            let inUse = store.inUse { refresh($0, false) }
            let isTold = isToldOfChanges() && !inUse.contains { $0.isStoredTo.load(ordering: .relaxed) }
            var wait: Int? = inUse.isEmpty ? nil : isTold ? Self.intervals.reported : Self.intervals.unreported
            for copy in inUse {
                let name = ObjectIdentifier(copy)
                let isCertain = any || certain[name] != nil
                let began = MonotonicClock.milliseconds()
                if let earliest = notBefore[name], earliest > began {
                    // A file that is written to all the time is not copied all the time.
                    if isCertain { changed.withLock { $0[name] = copy } }
                    wait = min(wait ?? .max, earliest - began)
                    continue
                }
                _ = refresh(copy, isCertain)
                let took = MonotonicClock.milliseconds() - began
                notBefore[name] = took > 0 ? began + 4 * took : nil
            }
            if inUse.isEmpty { notBefore = [:] }
            wake.wait(milliseconds: wait)
        }
    }
}
