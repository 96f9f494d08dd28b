import Glibc
import LinuxFacts
import SystemPackage

/// A program that does one thing for this one, run to its end.
enum HelperProgram {
    /// - Returns: nil where it succeeded, else the last line that it said.
    /// - Throws: ENOENT where it is not there, and the like of posix_spawn(3).
    static func failure(of words: [String]) throws(Errno) -> String? {
        var ends: [Int32] = [-1, -1]
        _ = try systemCall { pipe(&ends) }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
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
        if status == 0 { return nil }
        return String(decoding: said, as: UTF8.self).split(separator: "\n").last.map(String.init)
            ?? "it did not say why"
    }
}
