import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// A program that does one thing for this one, run to its end.
enum HelperProgram {
    /// How a program ended and what it said.
    struct Output {
        /// The exit code; 128 and the signal where one ended it.
        let status: Int32
        /// Standard output and standard error.
        let text: String
    }

    /// - Returns: nil where it succeeded, else the last line that it said.
    /// - Throws: ENOENT where it is not there, and the like of posix_spawn(3).
    static func failure(of words: [String]) throws(Errno) -> String? {
        let said = try output(of: words)
        if said.status == 0 { return nil }
        return said.text.split(separator: "\n").last.map(String.init) ?? "it did not say why"
    }

    /// Runs it with standard input from /dev/null.
    ///
    /// - Parameter descriptor: what it has as descriptor 3, and then nothing beyond; nil: what has no close-on-exec flag.
    /// - Throws: ENOENT where it is not there, and the like of posix_spawn(3).
    static func output(of words: [String], descriptor: Int32? = nil) throws(Errno) -> Output {
        var ends: [Int32] = [-1, -1]
        _ = try systemCall { pipe(&ends) }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        if let descriptor {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 3)
            folio_spawn_close_from(&actions, 4)
        }
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let failure = posix_spawnp(&process, words[0], &actions, nil, &arguments, environ)
        close(ends[1])
        guard failure == 0 else { throw Errno(rawValue: failure) }
        var said: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while let count = try? systemCall({ read(ends[0], &piece, piece.count) }), count > 0 { said += piece[..<count] }
        var status: Int32 = 0
        _ = try systemCall { waitpid(process, &status, 0) }
        return Output(
            status: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f,
            text: String(decoding: said, as: UTF8.self))
    }
}
