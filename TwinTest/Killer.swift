import Glibc

/// Kills the daemon that serves a supervised mount, again and again, at random moments.
final class Killer {
    private let process: pid_t
    private let count: String

    /// - Parameters:
    ///   - supervisor: the process whose child serves.
    ///   - pause: the longest time between two kills, in milliseconds.
    ///   - count: a file that has a line for each kill.
    init(_ supervisor: pid_t, pause: Int, seed: UInt64, count: String) throws {
        self.count = count
        let script = """
            RANDOM=$2; exec 9>>"$4"; kills=0
            while kill -0 "$1"; do
                sleep "$(printf 0.%03d $((RANDOM % $3)))"
                daemon=; read -r daemon _ < "/proc/$1/task/$1/children"
                [ -n "$daemon" ] || continue
                # Every fourth has come to where it waits for requests: a supervisor gives up after eight that have not.
                (( kills % 4 )) || grep -qs fuse_dev_do_read "/proc/$daemon/task/"*/wchan || continue
                kill -KILL "$daemon" && echo "$daemon" >&9 && kills=$((kills + 1))
            done
            """
        process = try Shell.start(
            [
                "/bin/bash", "-c", script, "killer", "\(supervisor)", "\(seed & 0x7fff)", "\(min(max(pause, 1), 999))",
                count,
            ],
            output: STDERR_FILENO)
    }

    /// Ends it, and returns how often it has killed.
    func end() -> Int {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        return killed
    }

    /// How often it has killed so far.
    var killed: Int {
        let file = open(count, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let size = max(read(file, &bytes, bytes.count), 0)
        return bytes[..<size].count { $0 == UInt8(ascii: "\n") }
    }
}
