import Glibc
import Synchronization

/// A native plugin: its process while it is well, and when it may be started again while it is not.
///
/// A failure costs the answer and the process. It is started again with the next question, but not before a rest that
/// doubles with every failure in a row, from 0.1 s to 60 s. What will be the same at every start (a library that is not
/// there, or for another version of the ABI) is not tried again.
package final class NativePlugin: Sendable {
    /// Where it is: a library's path, or `builtin:NAME`.
    package let location: String
    private let command: [String]
    private let limit: Double
    private let now: @Sendable () -> Double
    private let state: Mutex<State>

    /// How it is.
    private struct State {
        var process: NativeProcess?
        /// Failures since the last answer.
        var failures = 0
        var last: NativeFailure?
        /// Before this it is not started again.
        var rest = 0.0
    }

    /// What there is to tell of it.
    package struct Status: Hashable, Sendable {
        /// Its own name and version; nil: it has not been started.
        package var name: String?
        /// Failures since the last answer.
        package var failures: Int
        /// The last failure's cause; nil: there was none since the last answer.
        package var cause: String?
    }

    /// A plugin that has not been started.
    /// - Parameters:
    ///   - location: the library's path, or `builtin:NAME`.
    ///   - command: what is run with the location as its last argument.
    ///   - limit: seconds that a start, and an answer, may take.
    ///   - now: seconds of a clock that only goes forward.
    package init(
        _ location: String, command: [String] = ["/proc/self/exe", "plugin-host"], limit: Double = 2,
        now: (@Sendable () -> Double)? = nil
    ) {
        self.location = location
        self.command = command
        self.limit = limit
        self.now = now ?? { NativeProcess.now() }
        state = Mutex(State())
    }

    /// The answer to one question.
    package func ask(_ question: NativeQuestion) throws(NativeFailure) -> NativeAnswer {
        try state.withLock { state throws(NativeFailure) in
            let process = try start(&state)
            do throws(NativeFailure) {
                let answer = try process.ask(question, limit: limit)
                state.failures = 0
                state.last = nil
                return answer
            } catch {
                throw note(error, &state)
            }
        }
    }

    /// How it is, after a start where it has not been started.
    package func status() -> Status {
        state.withLock { state in
            let process = try? start(&state)
            let name = process.map { "\($0.name) \($0.version)" }
            return Status(name: name, failures: state.failures, cause: state.last?.description)
        }
    }

    private func start(_ state: inout State) throws(NativeFailure) -> NativeProcess {
        if let process = state.process { return process }
        if let last = state.last {
            if last.isLasting { throw last }
            let left = state.rest - now()
            if left > 0 {
                let times = state.failures == 1 ? "once" : "\(state.failures) times"
                throw NativeFailure("rests, having failed \(times): \(last)")
            }
        }
        do throws(NativeFailure) {
            let process = try NativeProcess(command, plugin: location, limit: limit)
            state.process = process
            return process
        } catch {
            throw note(error, &state)
        }
    }

    private func note(_ failure: NativeFailure, _ state: inout State) -> NativeFailure {
        state.process = nil
        state.failures += 1
        state.last = failure
        state.rest = now() + min(60, 0.1 * Double(1 << min(state.failures - 1, 10)))
        return failure
    }
}
