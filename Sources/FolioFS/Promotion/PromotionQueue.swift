import Glibc
import LinuxFacts
import SystemPackage

/// What is promoted behind: one file after the other on one thread, which is there only while there is something to do or to watch.
///
/// A promoted file is looked at again as long as it is open, since reclaim takes folios and splits them. How long that takes
/// doubles each time that nothing was to be repaired, from the interval up to 16 times of it.
final class PromotionQueue: @unchecked Sendable {
    private struct Watched {
        var task: PromotionTask
        /// In milliseconds.
        var interval: Int
        /// When it is looked at next, in milliseconds of the monotonic clock.
        var due: Int
    }

    private struct State {
        var waiting: [PromotionTask] = []
        var waits: Set<FileIdentity> = []
        /// Files that are promoted, and open.
        var watched: [FileIdentity: Watched] = [:]
        /// Promotions underway, whoever waits for them.
        var underway: [ObjectIdentifier: (process: PromotionProcess, file: FileIdentity)] = [:]
        var runs = false
        var stopped = false
    }

    /// Tasks that wait, and files that are watched, at most; what is beyond comes with its next open.
    private static let (mostWaiting, mostWatched) = (65_536, 4096)
    private static let longestInterval = 16
    /// Milliseconds; 0: nothing is looked at again.
    private let interval: Int
    private let state = LockedState(State())
    private let wake: WakeUp
    /// Signalled by the last promotion that ends after `stop`.
    private let ended: WakeUp
    /// Does the work, and says whether something was gained by it; set before the first task.
    var work: @Sendable (PromotionTask, PromotionProcess) -> Bool = { _, _ in false }
    /// Whether a file is still open; set before the first task.
    var isOpen: @Sendable (PromotionTask) -> Bool = { _ in false }

    /// - Parameter interval: seconds after which a promoted file that is open is looked at; 0: never.
    /// - Throws: EMFILE.
    init(interval: Int) throws(Errno) {
        self.interval = interval * 1000
        wake = try WakeUp()
        ended = try WakeUp()
    }

    /// Files that wait to be promoted or are being promoted, and files that are watched.
    var counts: (pending: Int, watched: Int) {
        state.withLock { ($0.waits.count + $0.underway.count, $0.watched.count) }
    }

    /// Whether `process` is one that promotes.
    func isWorker(_ process: Int32) -> Bool {
        process > 0 && state.withLock { $0.underway.values.contains { $0.process.isProcess(process) } }
    }

    /// Whether a file is being promoted, or waits for that.
    func isPending(_ file: FileIdentity) -> Bool {
        state.withLock { state in state.waits.contains(file) || state.underway.values.contains { $0.file == file } }
    }

    /// Promotes a file behind; nothing where it waits for that already.
    func add(_ task: PromotionTask) {
        state.withLock { state in
            guard !state.stopped, state.waiting.count < Self.mostWaiting, state.waits.insert(task.identity).inserted
            else { return }
            state.waiting.append(task)
            start(&state)
        }
        wake.signal()
    }

    /// Looks at a file again as long as it is open; a file that is not any more is forgotten when it would be looked at, so that one
    /// that is opened again and again costs nothing.
    func watch(_ task: PromotionTask) {
        guard interval > 0 else { return }
        state.withLock { state in
            guard !state.stopped, state.watched.count < Self.mostWatched, state.watched[task.identity] == nil else {
                return
            }
            state.watched[task.identity] = Watched(
                task: task, interval: interval, due: MonotonicClock.milliseconds() + interval)
            start(&state)
            wake.signal()
        }
    }

    /// Calls `body`, which runs `process` for a file; `stop` ends that.
    func running<Value>(
        _ process: PromotionProcess, _ file: FileIdentity, _ body: () throws(Errno) -> Value
    ) throws(Errno) -> Value {
        try state.withLock { state throws(Errno) in
            guard !state.stopped else { throw Errno(rawValue: ECANCELED) }
            state.underway[ObjectIdentifier(process)] = (process, file)
        }
        defer {
            let isLast = state.withLock { state in
                state.underway.removeValue(forKey: ObjectIdentifier(process))
                return state.stopped && state.underway.isEmpty
            }
            if isLast { ended.signal() }
        }
        return try body()
    }

    /// Ends everything that is underway, and waits for that, two seconds at most: the source is free afterwards.
    func stop() {
        let processes = state.withLock { state in
            state.stopped = true
            state.waiting = []
            state.waits = []
            state.watched = [:]
            return state.underway.values.map(\.process)
        }
        for process in processes { process.end() }
        wake.signal()
        if !processes.isEmpty { _ = ended.isSignalled(within: 2000) }
    }

    private func start(_ state: inout State) {
        guard !state.runs else { return }
        state.runs = true
        BackgroundThread.run { [self] in run() }
    }

    private func run() {
        while true {
            switch next() {
            case .promote(let task): _ = work(task, PromotionProcess())
            case .look(let task):
                guard isOpen(task) else {
                    state.withLock { _ = $0.watched.removeValue(forKey: task.identity) }
                    continue
                }
                let isGain = work(task, PromotionProcess())
                state.withLock { state in
                    guard var watched = state.watched[task.identity] else { return }
                    watched.interval = isGain ? interval : min(watched.interval * 2, interval * Self.longestInterval)
                    watched.due = MonotonicClock.milliseconds() + watched.interval
                    state.watched[task.identity] = watched
                }
            case .wait(let milliseconds): wake.wait(milliseconds: milliseconds)
            case .end: return
            }
        }
    }

    private enum Step {
        case promote(PromotionTask)
        case look(PromotionTask)
        case wait(Int)
        case end
    }

    private func next() -> Step {
        state.withLock { state in
            if !state.waiting.isEmpty {
                let task = state.waiting.removeFirst()
                state.waits.remove(task.identity)
                return .promote(task)
            }
            guard let first = state.watched.values.min(by: { $0.due < $1.due }) else {
                state.runs = false
                return .end
            }
            let left = first.due - MonotonicClock.milliseconds()
            return left > 0 ? .wait(left) : .look(first.task)
        }
    }
}
