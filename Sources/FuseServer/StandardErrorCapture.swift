import Glibc

/// Catches what C libraries and the programs they start write on standard error while `body` runs.
///
/// For a process with one thread: standard error is a pipe meanwhile, and what does not fit is lost.
enum StandardErrorCapture {
    /// - Returns: the last line that was written, "" for none, and what `body` returned.
    static func around<Value>(_ body: () -> Value) -> (line: String, value: Value) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return ("", body()) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        dup2(ends[1], STDERR_FILENO)
        let value = body()
        if before >= 0 { dup2(before, STDERR_FILENO) } else { close(STDERR_FILENO) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = max(read(ends[0], &bytes, bytes.count), 0)
        for descriptor in ends + [before] where descriptor >= 0 { close(descriptor) }
        let line = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").last ?? ""
        return (String(line), value)
    }
}
