import FuseServer
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// Sends what the kernel is to forget, from a thread of its own that answers no request.
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
    private var repeats: [Repeat] = []
    /// Notifications sent since the mount began.
    let sent = Atomic(0)

    init(_ target: Target) throws(Errno) {
        self.target = target
        wake = try WakeUp()
        ended = try WakeUp()
    }

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
        sent.add(1, ordering: .relaxed)
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

    private func run() {
        while !stopped.load(ordering: .sequentiallyConsistent) {
            let now = MonotonicClock.milliseconds()
            // What waits for an answer in flight is looked at again every few milliseconds.
            let due = repeats.map(\.due).min().map { max($0 - now, 5) }
            wake.wait(milliseconds: due)
            let fresh = pending.withLock { pending in
                defer { pending = Invalidations() }
                return pending
            }
            do throws(Errno) {
                if !fresh.isEmpty {
                    try deliver(fresh)
                    again(fresh, after: 100, isLast: false)
                }
                try repeatWhatIsDue()
            } catch {
                return
            }
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

    private func repeatWhatIsDue() throws(Errno) {
        let now = MonotonicClock.milliseconds()
        var due: [Repeat] = []
        repeats.removeAll { item in
            // An answer that takes ten seconds is not waited for any longer.
            let isDue = item.due <= now && (now - item.due > 10_000 || target.inFlight.isPast(item.ticket))
            if isDue { due.append(item) }
            return isDue
        }
        for item in due {
            try deliver(item.what)
            if !item.isLast { again(item.what, after: 2000, isLast: true) }
        }
    }

    private func deliver(_ what: Invalidations) throws(Errno) {
        if what.everything || what.allNames, target.notifier.expiresAllNames { try target.notifier.expireAllNames() }
        if what.everything {
            var nodes: [NodeID] = []
            target.everyNode { nodes.append($0) }
            for node in nodes { try target.notifier.invalidate(node, data: true) }
            sent.add(nodes.count + 1, ordering: .relaxed)
        }
        for name in what.names { try target.notifier.expire(name.bytes, in: name.parent) }
        for (node, data) in what.nodes { try target.notifier.invalidate(node, data: data) }
        sent.add(what.names.count + what.nodes.count, ordering: .relaxed)
    }
}
