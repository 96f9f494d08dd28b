import Glibc
import Synchronization

/// Says how many workers wait for requests, and calls others when those are held up.
///
/// A caller that does one thing after another is served two to three times as fast by one worker that goes on reading than
/// by several: the kernel wakes waiting readers in turn (exclusive wait queue, Linux 6.18 fs/fuse/dev.c; measured),
/// each on another processor than the one before. So one reads. A look every other millisecond finds out whether a
/// worker is held up by its request, whose place another takes, and whether requests keep waiting, for which more read.
/// Nothing looks while nothing comes.
final class Rota: @unchecked Sendable {
    /// Milliseconds between looks while requests come.
    static let interval: Int32 = 2
    /// Looks without a request after which nobody looks any more.
    private static let patience = 5
    /// Looks after which the number of readers is thought over.
    private static let window = 8

    private let maximum: Int
    private let workers: LockedWorkers
    /// Workers that are to rest when they are through with their request.
    private let surplus = Atomic<Int>(0)
    /// Nobody looks.
    private let sleeping = Atomic<Bool>(false)
    private let call: UnsafeMutablePointer<sem_t>

    // Of the thread that looks, alone.
    private var wanted = 1
    private var seen: [UInt] = []
    private var quietLooks = 0
    private var looks = 0
    private var looksWithBacklog = 0
    private var calmWindows = 0

    private typealias LockedWorkers = Mutex<[Worker]>

    /// A rota of up to `maximum` workers.
    init(maximum: Int) {
        self.maximum = maximum
        workers = Mutex([])
        call = .allocate(capacity: 1)
        call.initialize(to: sem_t())
        sem_init(call, 0, 0)
    }

    deinit {
        sem_destroy(call)
        call.deallocate()
    }

    /// A new worker; nil: there are as many as there may be.
    func enlist() -> Worker? {
        workers.withLock { workers in
            guard workers.count < maximum else { return nil }
            let worker = Worker()
            workers.append(worker)
            return worker
        }
    }

    /// Whether there are as many workers as there may be, and each handles a request.
    var isFull: Bool {
        workers.withLock { workers in
            workers.count >= maximum && workers.allSatisfy(\.step.isHandling)
        }
    }

    /// Takes back a worker whose thread could not be started.
    func dismiss(_ worker: Worker) { workers.withLock { $0.removeAll { $0 === worker } } }

    /// Called by `worker` when it has read a request.
    ///
    /// - Returns: whether the thread that looks must be woken.
    @inline(__always)
    func begins(_ worker: Worker) -> Bool {
        worker.advance()
        return sleeping.load(ordering: .sequentiallyConsistent)
            && sleeping.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// Called by `worker` before it handles a request that is known to take long.
    ///
    /// - Returns: whether a worker must be started to read meanwhile; a resting one has been called otherwise.
    func beginsLong(_ worker: Worker) -> Bool {
        let readers = workers.withLock { workers in
            workers.count { $0 !== worker && !$0.isResting && !$0.step.isHandling }
        }
        guard readers == 0 else { return false }
        surplus.add(1, ordering: .relaxed)
        return !callOne()
    }

    /// Called by `worker` when it is through with its request. Returns when it is to read again, or when `isEnding`.
    @inline(__always)
    func ends(_ worker: Worker, isEnding: () -> Bool) {
        worker.advance()
        guard surplus.load(ordering: .relaxed) > 0 else { return }
        rest(worker, isEnding: isEnding)
    }

    @inline(never)
    private func rest(_ worker: Worker, isEnding: () -> Bool) {
        while true {
            let count = surplus.load(ordering: .relaxed)
            guard count > 0 else { return }
            if surplus.compareExchange(expected: count, desired: count - 1, ordering: .relaxed).exchanged { break }
        }
        worker.place.leave()
        worker.isResting = true
        while sem_wait(call) != 0, !isEnding() {}
        worker.isResting = false
    }

    /// Calls a resting worker; false: none rests.
    private func callOne() -> Bool {
        guard workers.withLock({ $0.contains(where: \.isResting) }) else { return false }
        sem_post(call)
        return true
    }

    /// Makes every resting worker return; with `isEnding` true they end.
    func wakeAll() {
        for _ in 0..<workers.withLock({ $0.count(where: \.isResting) }) { sem_post(call) }
    }

    /// One look: sees to it that enough workers read.
    ///
    /// - Parameter hasRequest: whether a request waits to be read.
    /// - Returns: how many workers must be started, and milliseconds until the next look (-1: none until `begins` says so).
    func look(hasRequest: () -> Bool) -> (starts: Int, pause: Int32) {
        let workers = workers.withLock { $0 }
        let steps = workers.map { $0.isResting ? nil : $0.step }
        var active = 0
        var reading = 0
        var changed = false
        for (index, step) in steps.enumerated() {
            guard let step else { continue }
            let before = index < seen.count ? seen[index] : 0
            if step != before { changed = true }
            if !step.isHandling { reading += 1 }
            let moves = !step.isHandling || step != before
            if workers[index].place.look(moves: moves, hasRequest: hasRequest) || moves { active += 1 }
        }
        seen = zip(steps, steps.indices).map { step, index in step ?? (index < seen.count ? seen[index] : 0) }
        let backlog = reading == 0 && hasRequest()
        consider(backlog)
        var starts = 0
        let called = max(0, wanted - active)
        for _ in 0..<called where !callOne() { starts += 1 }
        surplus.store(max(0, active - wanted), ordering: .relaxed)
        quietLooks = changed || reading < steps.count(where: { $0 != nil }) ? 0 : quietLooks + 1
        guard quietLooks > Self.patience, starts == 0, called == 0 else { return (starts, Self.interval) }
        guard sleep(steps) else { return (0, Self.interval) }
        for worker in workers { worker.place.leave() }
        return (0, -1)
    }

    /// Stops looking unless a request has come since `steps` were seen.
    private func sleep(_ steps: [UInt?]) -> Bool {
        sleeping.store(true, ordering: .sequentiallyConsistent)
        quietLooks = 0
        let now = workers.withLock { $0.map { $0.isResting ? nil : $0.step } }
        return now == steps || !sleeping.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// One more reader where requests waited at most looks of a window, one less where hardly any did for a while.
    private func consider(_ backlog: Bool) {
        looks += 1
        if backlog { looksWithBacklog += 1 }
        guard looks == Self.window else { return }
        if looksWithBacklog * 4 >= Self.window * 3 {
            wanted = min(wanted + 1, maximum)
            calmWindows = 0
        } else if looksWithBacklog * 8 <= Self.window {
            calmWindows += 1
            if calmWindows >= 4 {
                wanted = max(1, wanted - 1)
                calmWindows = 0
            }
        }
        (looks, looksWithBacklog) = (0, 0)
    }
}
