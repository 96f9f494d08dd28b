import CFuse3
import CLinuxShims
import Glibc
import Synchronization

/// Keeps a worker on its caller's processor while one caller asks one thing after another of a machine that is otherwise idle.
///
/// Left alone, the scheduler wakes the worker on the idle processor and the caller on the other, and each of the two wake-ups of a
/// request brings a sleeping processor back: 50 µs for a lookup that takes 17 on one processor (Linux 6.18, a virtual machine
/// of two). A processor that runs nothing but SCHED_IDLE threads counts as idle to a thread that is woken
/// (kernel/sched/fair.c select_idle_sibling()): so the caller stays where the worker is, and goes before it. Whether they are together the worker
/// sees by its own waits: then the next request is there when it asks.
///
/// At SCHED_IDLE a worker gets little where others are busy. So it is taken back by the thread that looks: where it has not moved on for a
/// look or two, and when no requests come; and by the worker itself when another caller asks.
final class WorkerPlace: @unchecked Sendable {
    /// Requests of one caller in a row before it is followed.
    private static let trial = 64
    /// Requests between two looks at the worker's waits.
    private static let stride = 8
    /// Seconds before it is tried again after others were busy.
    private static let pause = 1.0

    /// fuse_in_header.pid.
    private static let callerOffset = 32
    private static let isPossible = folio_may_leave_idle() != 0

    // Of the worker alone.
    private var caller: UInt32 = 0
    private var run = 0
    private var waits = 0

    // Of the thread that looks, alone.
    private var stood = false

    private let staying = Atomic(false)
    private let change = Mutex(Change())

    private struct Change {
        var thread: pid_t = 0
        /// On CLOCK_MONOTONIC, in seconds.
        var notBefore = 0.0
    }

    /// Called by the worker when it has answered a request, whose header is still in `bytes`.
    @inline(__always)
    func served(_ bytes: UnsafeMutableRawBufferPointer) {
        let asker = UnsafeRawBufferPointer(bytes).load(fromByteOffset: Self.callerOffset, as: UInt32.self)
        guard asker == caller else { return meet(asker) }
        run += 1
        if run % Self.stride == 0 { consider() }
    }

    private func meet(_ asker: UInt32) {
        // What the kernel sends by itself has no caller.
        guard asker != 0 else { return }
        caller = asker
        run = 0
        leave()
    }

    private func consider() {
        guard run >= Self.trial, Self.isPossible else { return }
        let now = folio_waits()
        defer { waits = now }
        if now - waits > Self.stride / 2 { follow() }
    }

    private func follow() {
        // Asked first: where the caller is costs as much as a short request.
        guard change.withLock({ isDue($0) }) else { return }
        guard let processor = Self.processor(of: caller) else { return leave() }
        change.withLock { change in
            guard isDue(change) else { return }
            change.thread = folio_thread()
            staying.store(true, ordering: .sequentiallyConsistent)
            if folio_stay_on(change.thread, UInt32(processor)) != 0 { takeBack(change) }
        }
    }

    private func isDue(_ change: Change) -> Bool { isStaying || Self.now() >= change.notBefore }

    private var isStaying: Bool { staying.load(ordering: .sequentiallyConsistent) }

    /// Called by the thread that looks.
    ///
    /// - Parameter moves: whether the worker waits for requests or has handled one since the last look.
    /// - Returns: whether it is only behind a caller who has something else to do.
    func look(moves: Bool, hasRequest: () -> Bool) -> Bool {
        guard !moves, isStaying else {
            stood = false
            return false
        }
        let isHeldUp = hasRequest()
        guard isHeldUp || stood else {
            stood = true
            return true
        }
        leave(pause: isHeldUp ? Self.pause : 0)
        return false
    }

    /// Lets the scheduler have it again.
    ///
    /// - Parameter pause: seconds for which it is not tried again.
    func leave(pause: Double = 0) {
        guard isStaying else { return }
        change.withLock { change in
            guard isStaying else { return }
            if pause > 0 { change.notBefore = Self.now() + pause }
            takeBack(change)
        }
    }

    private func takeBack(_ change: Change) {
        staying.store(false, ordering: .sequentiallyConsistent)
        _ = folio_run_anywhere(change.thread)
    }

    private static func now() -> Double { Double(RequestTimes.now()) / 1e9 }

    /// The processor that a thread runs on or ran on last, field 39 of proc_pid_stat(5); nil: it is not to be seen here.
    private static func processor(of thread: UInt32) -> Int? {
        let file = open("/proc/\(thread)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { bytes in
            let count = read(file, bytes.baseAddress, bytes.count)
            guard count > 0 else { return nil }
            let text = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            // The name, in parentheses, may hold anything.
            guard let name = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
            let fields = text[(name + 1)...].split(separator: UInt8(ascii: " "))
            return fields.count > 36 ? Int(String(decoding: fields[36], as: UTF8.self)) : nil
        }
    }
}
