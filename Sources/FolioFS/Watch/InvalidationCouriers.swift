import FuseServer
import LinuxFacts
import Synchronization
import SystemPackage

/// Bring notifications to the kernel, in turn. Each may wait for a lock that a request in flight holds (a page's while it is read, a
/// directory's while something is made in it), and that request for the source, for as long as that takes: then another courier
/// goes on with the rest.
final class InvalidationCouriers: @unchecked Sendable {
    enum Notification: Equatable {
        case allNames
        case name(Invalidations.Name)
        case node(NodeID, data: Bool)
    }

    /// What a courier is on its way with.
    private struct Errand {
        let notification: Notification
        /// Since when: milliseconds of the monotonic clock.
        var since: Int
        /// Whether it is to be brought once more then: what it is about changed again meanwhile.
        var isRepeated = false
    }

    private struct Work {
        var waiting: [Notification] = []
        /// How many of them are on their way, or were.
        var taken = 0
        /// By the courier's number.
        var errands: [Int: Errand] = [:]
        /// How many couriers there are.
        var count = 0
        /// The number of the one that waits for more; the others are held up, and end when they are through. 0: there was none yet.
        var last = 0
        /// Whether it is to be told when nothing waits any more.
        var isAwaited = false
        var hasEnded = false
        var hasFailed = false

        var isEmpty: Bool { taken == waiting.count }

        /// What a courier brings next. What another is held up with waits for that one, so that it holds up no more of them;
        /// attributes wait for nothing.
        mutating func take(_ number: Int) -> Notification? {
            let now = MonotonicClock.milliseconds()
            if var errand = errands.removeValue(forKey: number), errand.isRepeated {
                (errand.since, errand.isRepeated) = (now, false)
                errands[number] = errand
                return errand.notification
            }
            while !isEmpty {
                var next = waiting[taken]
                taken += 1
                if isEmpty { (waiting, taken) = ([], 0) }
                if let other = errands.first(where: { $0.value.notification == next })?.key {
                    errands[other]?.isRepeated = true
                    guard case .node(let node, _) = next else { continue }
                    next = .node(node, data: false)
                }
                errands[number] = Errand(notification: next, since: now)
                return next
            }
            return nil
        }
    }

    /// Milliseconds after which a courier is taken to be held up.
    static let patience = 20
    private static let most = 16

    private let notifier: Notifier
    private let work = LockedState(Work())
    private let call: WakeUp
    private let ended: WakeUp
    private let isThrough: () -> Void
    /// Notifications that have been brought.
    let brought = Atomic(0)

    /// - Parameter isThrough: called when nothing waits any more, where `isBusy` said that something does.
    /// - Throws: EMFILE.
    init(_ notifier: Notifier, isThrough: @escaping () -> Void) throws(Errno) {
        self.notifier = notifier
        self.isThrough = isThrough
        call = try WakeUp()
        ended = try WakeUp()
    }

    /// Has notifications brought. To be called while nothing waits.
    func bring(_ notifications: [Notification]) {
        work.withLock { ($0.waiting, $0.taken) = (notifications, 0) }
        call.signal()
        keepGoing()
    }

    /// Whether something waits: then it is to be asked again after `patience`, or when nothing does.
    func isBusy() -> Bool {
        keepGoing()
        return work.withLock { work in
            work.isAwaited = !work.isEmpty
            return work.isAwaited
        }
    }

    /// Whether the mount is gone.
    var hasFailed: Bool { work.withLock(\.hasFailed) }

    /// Ends them, and waits two seconds at most until they have.
    func stop() {
        let count = work.withLock { work in
            work.hasEnded = true
            return work.count
        }
        call.signal()
        if count > 0 { _ = ended.isSignalled(within: 2000) }
    }

    /// Starts a courier where something waits and there is none, or only such as are held up.
    private func keepGoing() {
        let now = MonotonicClock.milliseconds()
        let next: Int? = work.withLock { work in
            guard !work.isEmpty, !work.hasEnded, work.count < Self.most else { return nil }
            let isHeldUp = work.errands[work.last].map { now - $0.since >= Self.patience } ?? (work.last == 0)
            guard isHeldUp else { return nil }
            work.last += 1
            work.count += 1
            return work.last
        }
        guard let next else { return }
        do throws(Errno) {
            try BackgroundThread.start { [self] in carry(next) }
        } catch {
            // The next look tries again.
            work.withLock { work in
                work.last -= 1
                work.count -= 1
            }
        }
    }

    private func carry(_ number: Int) {
        while let notification = next(number) {
            do throws(Errno) {
                switch notification {
                case .allNames: try notifier.expireAllNames()
                case .name(let name): try notifier.expire(name.bytes, in: name.parent)
                case .node(let node, let data): try notifier.invalidate(node, data: data)
                }
                brought.add(1, ordering: .relaxed)
            } catch {
                work.withLock { ($0.hasEnded, $0.hasFailed) = (true, true) }
            }
        }
        let isLast = work.withLock { work in
            work.count -= 1
            return work.count == 0
        }
        if isLast { ended.signal() }
    }

    /// What a courier brings next, however long it waits for it; nil: it has nothing more to do.
    private func next(_ number: Int) -> Notification? {
        while true {
            let (notification, isOver, isAwaited) = work.withLock { work -> (Notification?, Bool, Bool) in
                guard !work.hasEnded else { return (nil, true, false) }
                let notification = work.take(number)
                let isAwaited = work.isEmpty && work.isAwaited
                if isAwaited { work.isAwaited = false }
                return (notification, number != work.last, isAwaited)
            }
            if isAwaited { isThrough() }
            if let notification { return notification }
            if isOver { return nil }
            call.wait()
        }
    }
}
