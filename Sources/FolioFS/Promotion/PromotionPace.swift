import Glibc
import LinuxFacts

/// How fast a promotion goes, how much of the memory it may take, and when it gives way. Used by one thread.
package final class PromotionPace {
    /// A promotion that nobody waits for stops while others wait for this long of two seconds, in microseconds. Memory is short
    /// when anybody waits for it; processors and disks may be busy.
    private static let stalls: [(PressureTrigger.Resource, Int)] = [
        (.memory, 100_000), (.io, 1_000_000), (.cpu, 1_600_000),
    ]
    /// How long it stops at most, in milliseconds: where there is always pressure it goes on slowly.
    private static let longestPause = 20_000

    /// Bytes a second; nil: as fast as it goes.
    private let rate: Int?
    /// Bytes that may still be read in.
    private var room: Int
    private let triggers: [PressureTrigger]
    /// When the next chunk may begin, in milliseconds of the monotonic clock.
    private var next = 0
    /// How often it gave way.
    private(set) var pauses = 0

    /// - Parameters:
    ///   - rate: bytes a second; nil: no limit.
    ///   - memoryShare: how much of what memory is available may be filled with what is read in, in percent.
    ///   - givesWay: whether it stops under pressure.
    package init(rate: Int? = nil, memoryShare: Int = 100, givesWay: Bool = false) {
        self.rate = rate
        room = max(0, MemoryHeadroom.bytes()) / 100 * memoryShare
        triggers =
            givesWay ? Self.stalls.compactMap { resource, stall in try? PressureTrigger(resource, stall: stall) } : []
    }

    /// Waits until `bytes` more may be done.
    func waitBefore(bytes: Int) {
        if isPressed(within: 0) { pause() }
        guard let rate, rate > 0 else { return }
        let now = MonotonicClock.milliseconds()
        if next > now { wait(next - now) }
        next = max(next, now) + max(1, bytes * 1000 / rate)
    }

    /// Takes room for `bytes` that are to be read in.
    ///
    /// - Returns: false where there is none left; then nothing is taken.
    func mayRead(_ bytes: Int) -> Bool {
        guard bytes <= room else { return false }
        room -= bytes
        return true
    }

    /// Stops until two seconds and a half have passed without a report.
    private func pause() {
        pauses += 1
        let end = MonotonicClock.milliseconds() + Self.longestPause
        while MonotonicClock.milliseconds() < end, isPressed(within: Int32(PressureTrigger.window / 1000 + 500)) {}
    }

    private func isPressed(within milliseconds: Int32) -> Bool {
        guard !triggers.isEmpty else { return false }
        var polled = triggers.map { pollfd(fd: $0.descriptor, events: Int16(POLLPRI), revents: 0) }
        return poll(&polled, nfds_t(polled.count), milliseconds) > 0
            && zip(triggers, polled).contains { $1.revents & Int16(POLLPRI) != 0 && $0.isConfirmed() }
    }

    private func wait(_ milliseconds: Int) { poll(nil, 0, Int32(clamping: milliseconds)) }
}
