import CLinuxShims
import Glibc
import SystemPackage

/// A plugin's process: one question, one answer, each within a time limit; killed when it goes.
final class NativeProcess {
    /// What the plugin says its name and version are.
    private(set) var name = ""
    private(set) var version = ""
    private let process: pid_t
    /// Questions and answers.
    private let channel: Int32
    /// The plugin's standard output and standard error.
    private let output: Int32
    private var received: [UInt8] = []
    private var said = 0
    private var reaped: Int32?

    /// Output of a plugin that is thrown away in silence, in bytes a question.
    static let outputLimit = 64 << 10
    /// The descriptor of the channel in the plugin's process.
    static let channelDescriptor: Int32 = 3

    /// Starts `command` with `plugin` as its last argument and waits for its greeting.
    init(_ command: [String], plugin: String, limit: Double) throws(NativeFailure) {
        var ends: [Int32] = [-1, -1]
        var pipes: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0,
            pipe(&pipes) == 0
        else { throw NativeFailure("no descriptors to start it with: \(Errno(rawValue: errno))") }
        defer {
            close(ends[1])
            close(pipes[1])
        }
        for descriptor in pipes { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(pipes[0], F_SETFL, O_NONBLOCK)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        channel = ends[0]
        output = pipes[0]
        do {
            process = try Self.spawn(command + [plugin], channel: ends[1], output: pipes[1])
        } catch {
            close(ends[0])
            close(pipes[0])
            process = 0
            throw error
        }
        let greeting = try read(limit: limit)
        let words = greeting.map { String(decoding: $0, as: UTF8.self) }
        switch (words.first, words.count) {
        case ("hello"?, 3): (name, version) = (words[1], words[2])
        case ("refused"?, 2): throw NativeFailure(words[1], isLasting: true)
        default: throw NativeFailure("answers nonsense: no greeting")
        }
    }

    deinit {
        close(channel)
        close(output)
        guard process > 0, reaped == nil else { return }
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// One question's answer.
    func ask(_ question: NativeQuestion, limit: Double) throws(NativeFailure) -> NativeAnswer {
        said = 0
        try send(NativeFrame.encode(question.fields), until: Self.now() + limit, limit)
        let fields = try read(limit: limit)
        do {
            return try NativeAnswer(fields)
        } catch {
            throw NativeFailure("answers nonsense: \(error.what)")
        }
    }

    // MARK: Frames

    private func send(_ bytes: [UInt8], until end: Double, _ limit: Double) throws(NativeFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(channel, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: Int16(POLLOUT), until: end, limit)
            } else if errno != EINTR {
                throw death()
            }
        }
    }

    private func read(limit: Double) throws(NativeFailure) -> [[UInt8]] {
        let end = Self.now() + limit
        while true {
            if received.count >= 4 {
                let length = NativeFrame.number(received.prefix(4))
                guard length <= NativeFrame.limit else {
                    throw NativeFailure("answers nonsense: \(length) bytes in one answer")
                }
                if received.count > 4 + length {
                    throw NativeFailure("answers nonsense: more than it was asked")
                }
                if received.count == 4 + length {
                    let body = received.dropFirst(4)
                    received = []
                    guard let fields = NativeFrame.decode(body) else {
                        throw NativeFailure("answers nonsense: an answer that is broken off")
                    }
                    return fields
                }
            }
            try wait(for: Int16(POLLIN), until: end, limit)
        }
    }

    /// Waits for the channel, and throws away what the plugin says meanwhile.
    private func wait(for events: Int16, until end: Double, _ limit: Double) throws(NativeFailure) {
        let left = end - Self.now()
        guard left > 0 else { throw NativeFailure("did not answer within \(Self.words(limit))") }
        var wanted = [
            pollfd(fd: channel, events: events, revents: 0), pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&wanted, 2, Int32(min(left * 1000, 60_000).rounded(.up))) >= 0 || errno == EINTR else {
            throw NativeFailure("cannot be waited for: \(Errno(rawValue: errno))")
        }
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        if wanted[1].revents & Int16(POLLIN) != 0 {
            let count = Glibc.read(output, &buffer, buffer.count)
            said += max(0, count)
            guard said <= Self.outputLimit else {
                throw NativeFailure("wrote more than \(Self.outputLimit) bytes to its output")
            }
        }
        guard wanted[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return }
        let count = Glibc.read(channel, &buffer, buffer.count)
        if count > 0 { received += buffer[..<count] }
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { throw death() }
    }

    /// How the process came to its end.
    private func death() -> NativeFailure {
        var status: Int32 = 0
        // The channel closes before the process is a zombie; it is over with it in any case.
        for _ in 0..<200 where waitpid(process, &status, WNOHANG) == 0 { poll(nil, 0, 1) }
        if reaped == nil, waitpid(process, &status, WNOHANG) == 0 {
            kill(process, SIGKILL)
            waitpid(process, &status, 0)
            reaped = status
            return NativeFailure("closed its channel")
        }
        reaped = status
        let signal = status & 0x7f
        if signal != 0 { return NativeFailure("crashed: \(Self.name(ofSignal: signal))") }
        return NativeFailure("ended by itself with status \(status >> 8 & 0xff)")
    }

    private static func name(ofSignal signal: Int32) -> String {
        switch signal {
        case SIGSEGV: "SIGSEGV"
        case SIGBUS: "SIGBUS"
        case SIGILL: "SIGILL"
        case SIGTRAP: "SIGTRAP"
        case SIGABRT: "SIGABRT"
        case SIGFPE: "SIGFPE"
        case SIGKILL: "SIGKILL"
        case SIGXFSZ: "SIGXFSZ"
        case SIGSYS: "SIGSYS"
        default: "signal \(signal)"
        }
    }

    private static func words(_ seconds: Double) -> String {
        seconds >= 1 ? "\(Int(seconds)) s" : "\(Int(seconds * 1000)) ms"
    }

    /// Seconds of CLOCK_MONOTONIC.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    // MARK: Start

    private static func spawn(_ command: [String], channel: Int32, output: Int32) throws(NativeFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        posix_spawn_file_actions_adddup2(&actions, channel, channelDescriptor)
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        // The backtracer of Swift can hang in a child.
        let environment = ["SWIFT_BACKTRACE=enable=no", "PATH=/usr/bin:/bin", "LC_ALL=C"]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, command[0], &actions, nil, &words, &variables)
        guard failure == 0 else { throw NativeFailure("cannot be started: \(Errno(rawValue: failure))") }
        return process
    }
}
