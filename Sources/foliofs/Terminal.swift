import Glibc

/// What the program writes for people and for other programs.
enum Terminal {
    /// Writes text and a newline to standard output. A reader that has gone away is not an error.
    static func print(_ text: String) {
        write(text + "\n", STDOUT_FILENO)
    }

    /// Writes `foliofs: text` and a newline to standard error.
    static func fail(_ text: String) {
        write("foliofs: " + text + "\n", STDERR_FILENO)
    }

    private static func write(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { bytes = bytes.dropFirst(count) } else if count < 0 && errno != EINTR { return }
        }
    }
}
