import CLinuxShims
import Glibc

/// Programs that prepare a run.
enum Shell {
    /// Runs a bash script with variables set; its output goes to this process's standard error.
    ///
    /// - Throws: where it does not end with 0.
    static func run(_ script: String, _ variables: [String: String]) throws {
        let settings = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let child = try start(["/usr/bin/env"] + settings + ["/bin/bash", "-euc", script], output: STDERR_FILENO)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { throw Failure("failed with status \(status): \(script)") }
    }

    /// Starts a program by its path; standard input is /dev/null.
    static func start(_ arguments: [String], output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, arguments[0], &actions, nil, &words, environ)
        guard failure == 0 else { throw Failure("cannot run \(arguments[0]): \(errnoText(failure))") }
        return child
    }
}
