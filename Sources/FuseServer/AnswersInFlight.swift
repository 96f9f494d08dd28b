import Synchronization

/// Which answers that the kernel may keep are on their way, so that a server can tell when the last of those that it began
/// before a change has been given.
///
/// A thread that answers requests has a slot of its own and marks in it when it begins one and when the answer is written.
public final class AnswersInFlight: Sendable {
    /// A point in time by which every answer begun before it must be waited for.
    public struct Ticket: Sendable {
        let era: UInt64
    }

    /// One thread's mark, on a cache line of its own.
    final class Slot: Sendable {
        private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        /// The era in which the answer in work was begun; 0: none is.
        let began = Atomic<UInt64>(0)
        /// When the last one was written, in milliseconds of the monotonic clock.
        let ended = Atomic<Int>(0)
    }

    private let era = Atomic<UInt64>(1)
    private let slots = Mutex<[Slot]>([])

    /// Nothing in flight.
    public init() {}

    /// A slot for the calling thread, for as long as it answers requests.
    func join() -> Slot {
        let slot = Slot()
        slots.withLock { $0.append(slot) }
        return slot
    }

    /// Gives a slot back.
    func leave(_ slot: Slot) {
        slots.withLock { $0.removeAll { $0 === slot } }
    }

    /// Marks that an answer is begun: before anything that goes into it is looked at.
    @inline(__always)
    func begin(_ slot: Slot) {
        slot.began.store(era.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent)
    }

    /// Marks that it has been written, at `now` in nanoseconds of the monotonic clock.
    @inline(__always)
    func end(_ slot: Slot, at now: UInt64 = RequestTimes.now()) {
        slot.ended.store(Int(now / 1_000_000), ordering: .relaxed)
        slot.began.store(0, ordering: .sequentiallyConsistent)
    }

    /// A ticket for what is in flight now.
    public func ticket() -> Ticket {
        Ticket(era: era.add(1, ordering: .sequentiallyConsistent).newValue)
    }

    /// Whether every answer that was in flight when the ticket was taken has been written.
    public func isPast(_ ticket: Ticket) -> Bool {
        slots.withLock { slots in
            slots.allSatisfy {
                let began = $0.began.load(ordering: .sequentiallyConsistent)
                return began == 0 || began >= ticket.era
            }
        }
    }

    /// Whether nothing is in flight and nothing has been written for `milliseconds`; not so where no thread has a slot.
    public func isQuiet(for milliseconds: Int) -> Bool {
        let since = Int(RequestTimes.now() / 1_000_000) - milliseconds
        return slots.withLock { slots in
            !slots.isEmpty
                && slots.allSatisfy {
                    $0.began.load(ordering: .sequentiallyConsistent) == 0 && $0.ended.load(ordering: .relaxed) < since
                }
        }
    }
}
