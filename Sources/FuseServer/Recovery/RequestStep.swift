import CFuse3
import Glibc

/// The steps of a request between which a daemon may end.
///
/// For tests, a daemon can be made to stop (SIGSTOP) at one of them by the environment, once in the life of a mount:
/// FOLIOFS_STOP_AT=mkdir.done.
enum RequestStep: String, CaseIterable {
    /// It has been read.
    case read
    /// What is to be done has been noted.
    case intended
    /// It has been done in the source.
    case done
    /// Its answer is ready.
    case carriedOut = "carried-out"
    /// Its answer is recorded.
    case recorded
    /// The kernel has the answer.
    case answered

    private static let stop: (opcode: UInt32, step: RequestStep)? = {
        guard let text = getenv("FOLIOFS_STOP_AT").map({ String(cString: $0) }) else { return nil }
        let words = text.split(separator: ".").map(String.init)
        guard words.count == 2, let step = RequestStep(rawValue: words[1]),
            let operation = RequestOperation(name: words[0])
        else { return nil }
        return (operation.rawValue, step)
    }()

    /// Set once, before the first request.
    nonisolated(unsafe) static var memory: RecoveryMemory?

    /// Told that the calling thread has come so far with its request.
    @inline(__always)
    func reached() {
        if Self.stop != nil { stopHere() }
    }

    private func stopHere() {
        guard let stop = Self.stop, stop.step == self, Desk.current?.request?.header.opcode == stop.opcode,
            Self.memory?.takesStop() == true
        else { return }
        // To this very thread: another that is told may take its time.
        raise(SIGSTOP)
    }
}
