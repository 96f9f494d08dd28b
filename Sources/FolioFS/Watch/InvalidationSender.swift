import FuseServer
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// Says what the kernel is to forget, and when, from a thread of its own that answers no request; couriers bring it there.
///
/// Everything is sent at once, and again: an answer that was looked up before a change may reach the kernel, and be taken
/// over by who asked, after the notification. Names are under the directory's lock and attributes of known nodes have a
/// version (Linux 6.18 fs/fuse/inode.c fuse_reverse_inval_inode(), dir.c fuse_lookup()), but neither holds for a name
/// looked up again and for the attributes of a node that was not known yet.
final class InvalidationSender: @unchecked Sendable {
    /// Something to be sent again.
    private struct Repeat {
        let what: Invalidations
        /// Milliseconds of the monotonic clock.
        let due: Int
        let ticket: AnswersInFlight.Ticket
        let isLast: Bool
    }

    /// What the sender needs of the mount.
    struct Target {
        let notifier: Notifier
        let inFlight: AnswersInFlight
        /// Calls its argument with every node that the kernel knows.
        let everyNode: ((NodeID) -> Void) -> Void
    }

    private let target: Target
    private let pending = LockedState(Invalidations())
    private let stopped = Atomic(false)
    private let wake: WakeUp
    private let ended: WakeUp
    private let couriers: InvalidationCouriers
    private var repeats: [Repeat] = []

    init(_ target: Target) throws(Errno) {
        self.target = target
        let wake = try WakeUp()
        self.wake = wake
        ended = try WakeUp()
        couriers = try InvalidationCouriers(target.notifier) { wake.signal() }
    }

    /// Notifications sent since the mount began.
    var sent: Int { couriers.brought.load(ordering: .relaxed) }

    /// Has `what` sent soon.
    func send(_ what: Invalidations) {
        guard !what.isEmpty else { return }
        pending.withLock { $0.formUnion(what) }
        wake.signal()
    }

    /// Has every name looked up again from now on, where the kernel can be told so. Unlike other notifications it waits for no lock
    /// (Linux 6.18 fs/fuse/dev.c fuse_notify_inc_epoch(), read), so a request may ask for it before it is answered.
    func expireAllNames() {
        guard target.notifier.expiresAllNames, (try? target.notifier.expireAllNames()) != nil else { return }
        couriers.brought.add(1, ordering: .relaxed)
    }

    func start() {
        BackgroundThread.run { [self] in
            run()
            ended.signal()
        }
    }

    /// Ends the thread and the couriers, and waits two seconds at most for each.
    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        wake.signal()
        _ = ended.isSignalled(within: 2000)
        couriers.stop()
    }

    private func run() {
        while !stopped.load(ordering: .sequentiallyConsistent) {
            let now = MonotonicClock.milliseconds()
            // What waits for an answer in flight is looked at again every few milliseconds.
            let due = repeats.map(\.due).min().map { max($0 - now, 5) }
            let isBusy = couriers.isBusy()
            wake.wait(milliseconds: isBusy ? min(due ?? .max, InvalidationCouriers.patience) : due)
            guard !couriers.hasFailed else { return }
            // What comes meanwhile becomes one with what came before.
            guard !couriers.isBusy() else { continue }
            let fresh = pending.withLock { pending in
                defer { pending = Invalidations() }
                return pending
            }
            var notifications: [InvalidationCouriers.Notification] = []
            if !fresh.isEmpty {
                notifications += list(fresh)
                again(fresh, after: 100, isLast: false)
            }
            for item in takeDue() {
                notifications += list(item.what)
                if !item.isLast { again(item.what, after: 2000, isLast: true) }
            }
            if !notifications.isEmpty { couriers.bring(notifications) }
        }
    }

    /// Plans a further pass, unless nobody has asked anything for a while.
    private func again(_ what: Invalidations, after delay: Int, isLast: Bool) {
        guard !target.inFlight.isQuiet(for: 1000) else { return }
        if what.everything { repeats.removeAll() }
        repeats.append(
            Repeat(
                what: what, due: MonotonicClock.milliseconds() + delay, ticket: target.inFlight.ticket(), isLast: isLast
            ))
    }

    private func takeDue() -> [Repeat] {
        let now = MonotonicClock.milliseconds()
        var due: [Repeat] = []
        repeats.removeAll { item in
            // An answer that takes ten seconds is not waited for any longer.
            let isDue = item.due <= now && (now - item.due > 10_000 || target.inFlight.isPast(item.ticket))
            if isDue { due.append(item) }
            return isDue
        }
        return due
    }

    private func list(_ what: Invalidations) -> [InvalidationCouriers.Notification] {
        var list: [InvalidationCouriers.Notification] = []
        if what.everything || what.allNames, target.notifier.expiresAllNames { list.append(.allNames) }
        if what.everything { target.everyNode { list.append(.node($0, data: true)) } }
        list += what.names.map { .name($0) }
        list += what.nodes.map { .node($0.key, data: $0.value) }
        return list
    }
}
