import CFuse3
import Glibc
import Synchronization

/// Whether the caller of a request has given up waiting (FUSE_INTERRUPT), and whom to wake when it does.
public final class Interruption: Sendable {
    private struct State {
        var interrupted = false
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    init(_ request: OpaquePointer?) {
        // libfuse calls it once at most, and forgets it when the request has been answered.
        fuse_req_interrupt_func(
            request,
            { _, context in
                guard let context else { return }
                Unmanaged<Interruption>.fromOpaque(context).takeUnretainedValue().interrupt()
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Calls `wake` when the caller gives up, at once where it has already; nil takes the last one away.
    public func onInterrupt(_ wake: (@Sendable () -> Void)?) {
        let already = state.withLock { state in
            state.wake = wake
            return state.interrupted
        }
        if already { wake?() }
    }

    /// Whether the caller has given up.
    public var isInterrupted: Bool { state.withLock(\.interrupted) }

    private func interrupt() {
        let wake = state.withLock { state in
            state.interrupted = true
            return state.wake
        }
        wake?()
    }
}
