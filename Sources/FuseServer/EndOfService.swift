import Glibc

/// Why a session ends, told from signal handlers, workers and other threads to the thread that runs it.
///
/// A pipe, because a signal handler may do no more than write(2).
final class EndOfService: Sendable {
    enum Event: UInt8 {
        /// Somebody asks for the end: a signal, or `FuseSession.stop()`.
        case asked = 1
        /// A worker has ended.
        case workerEnded = 2
        /// Requests come again after a time without any.
        case busy = 3
        /// SIGHUP, where that does not ask for the end.
        case hangUp = 4
    }

    private let reading: Int32
    private let writing: Int32

    init() {
        var ends: (Int32, Int32) = (-1, -1)
        withUnsafeMutableBytes(of: &ends) { bytes in
            _ = bytes.baseAddress.map { pipe($0.assumingMemoryBound(to: Int32.self)) }
        }
        (reading, writing) = ends
        for end in [reading, writing] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A signal storm must not block a handler.
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(reading)
        close(writing)
    }

    func tell(_ event: Event) {
        var byte = event.rawValue
        _ = write(writing, &byte, 1)
    }

    /// The next event; nil: none within `milliseconds` (negative: no limit) or a signal came meanwhile.
    func next(milliseconds: Int32) -> Event? {
        var wanted = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, milliseconds) > 0 else { return nil }
        var byte: UInt8 = 0
        guard read(reading, &byte, 1) == 1 else { return nil }
        return Event(rawValue: byte)
    }

    /// Makes SIGINT and SIGTERM ask for the end, SIGHUP as well unless it is told of (`tellsHangUp`), and SIGPIPE do
    /// nothing, while `body` runs.
    func onSignals<Value, Failure: Error>(
        tellsHangUp: Bool, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        signalTarget = writing
        hangUpEvent = (tellsHangUp ? Event.hangUp : .asked).rawValue
        var before: [(Int32, sigaction)] = []
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler =
                signal == SIGPIPE
                ? SIG_IGN
                : { signal in
                    let failure = errno
                    var byte = signal == SIGHUP ? hangUpEvent : EndOfService.Event.asked.rawValue
                    _ = write(signalTarget, &byte, 1)
                    errno = failure
                }
            var old = sigaction()
            if sigaction(signal, &action, &old) == 0 { before.append((signal, old)) }
        }
        defer {
            for (signal, old) in before {
                var old = old
                sigaction(signal, &old, nil)
            }
            signalTarget = -1
        }
        return try body()
    }
}

/// The writing end for the signal handler; -1: nobody listens. One session at a time handles signals.
nonisolated(unsafe) private var signalTarget: Int32 = -1
/// What SIGHUP tells.
nonisolated(unsafe) private var hangUpEvent = EndOfService.Event.asked.rawValue
