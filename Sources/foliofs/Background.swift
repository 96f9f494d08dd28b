import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// The process that serves a mount after the command has returned.
enum Background {
    /// The variable that makes the process in the background know itself.
    private static let variable = "FOLIOFS_BACKGROUND"

    /// Whether this process is the one in the background.
    static var isServer: Bool { getenv(variable) != nil }

    /// Starts this program once more, with the same arguments, in a session of its own and waits until its mount answers.
    ///
    /// - Throws: `CommandFailure` with what the process said where it ended instead.
    static func start() throws(CommandFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure("cannot make a pipe: \(Errno(rawValue: errno).name)") }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        // Until it is ready, what it has to say goes to whoever waits; the descriptor is closed when it is.
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(FOLIO_SPAWN_SETSID))
        setenv(variable, "1", 1)
        var words = CommandLine.arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, "/proc/self/exe", &actions, &attributes, &words, environ)
        close(ends[1])
        guard failure == 0 else {
            throw CommandFailure("cannot start the server: \(Errno(rawValue: failure).name)")
        }
        let said = readAll(ends[0])
        // The last byte: a server that had something to say, or was asked to, has said it before.
        if said.last == 0 {
            _ = said.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count - 1) }
            return
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let text = String(decoding: said, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
        let sentence = text.hasPrefix("foliofs: ") ? String(text.dropFirst(9)) : text
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 1
        throw CommandFailure(
            sentence.isEmpty ? "the server ended before its mount answered" : sentence,
            code: code == 4 ? .lacking : code == 2 ? .usage : .operationFailed)
    }

    /// Tells the process that waits, where one does, that the mount answers, and lets go of its standard error.
    static func tellReady() {
        guard isServer else { return }
        var byte: UInt8 = 0
        _ = write(STDERR_FILENO, &byte, 1)
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        if null >= 0 {
            dup2(null, STDERR_FILENO)
            close(null)
        }
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            var piece = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
        }
    }
}
