import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Tells when processes end, from one thread that waits on a pidfd of each.
final class ProcessExits: @unchecked Sendable {
    /// A wish to be told; it goes with its last reference.
    final class Watch: Sendable {
        private let process: Int32
        private let number: Int
        private unowned let exits: ProcessExits

        fileprivate init(_ process: Int32, _ number: Int, _ exits: ProcessExits) {
            self.process = process
            self.number = number
            self.exits = exits
        }

        deinit { exits.forget(process, number) }
    }

    private struct Watched {
        let descriptor: Int32
        var bodies: [Int: @Sendable () -> Void]
    }

    private struct State {
        var watched: [Int32: Watched] = [:]
        var next = 0
        var isRunning = false
    }

    private let state = LockedState(State())
    private let wake: (reading: Int32, writing: Int32)

    init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wake = (ends[0], ends[1])
    }

    /// Calls `body` once when `process` has ended, on a thread of its own.
    ///
    /// - Returns: nil: the process cannot be watched (it has ended, or is in another pid namespace).
    func watch(_ process: Int32, _ body: @escaping @Sendable () -> Void) -> Watch? {
        let number: Int? = state.withLock { state in
            if state.watched[process] == nil {
                guard process > 0, case let descriptor = folio_pidfd_open(process), descriptor >= 0 else { return nil }
                state.watched[process] = Watched(descriptor: descriptor, bodies: [:])
            }
            state.next += 1
            state.watched[process]?.bodies[state.next] = body
            if !state.isRunning {
                state.isRunning = true
                BackgroundThread.run { [self] in run() }
            }
            return state.next
        }
        guard let number else { return nil }
        stir()
        return Watch(process, number, self)
    }

    private func forget(_ process: Int32, _ number: Int) {
        // The body may own what asks to be forgotten: it goes after the lock.
        let body = state.withLock { state in state.watched[process]?.bodies.removeValue(forKey: number) }
        if body != nil { stir() }
    }

    /// Makes the thread look at the list again.
    private func stir() {
        var byte: UInt8 = 1
        _ = write(wake.writing, &byte, 1)
    }

    private func run() {
        while true {
            var wanted = [pollfd(fd: wake.reading, events: Int16(POLLIN), revents: 0)]
            let processes: [Int32] = state.withLock { state in
                for (process, one) in state.watched where one.bodies.isEmpty {
                    close(one.descriptor)
                    state.watched[process] = nil
                }
                wanted += state.watched.values.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
                return Array(state.watched.keys)
            }
            guard poll(&wanted, nfds_t(wanted.count), -1) > 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 64)
            _ = read(wake.reading, &bytes, bytes.count)
            for (process, one) in zip(processes, wanted.dropFirst()) where one.revents != 0 { end(process) }
        }
    }

    private func end(_ process: Int32) {
        let ended = state.withLock { $0.watched.removeValue(forKey: process) }
        guard let ended else { return }
        close(ended.descriptor)
        for body in ended.bodies.values { body() }
    }
}
