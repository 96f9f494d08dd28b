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
        var text = text
        text.withUTF8 { write($0, descriptor) }
    }

    /// Writes bytes to a descriptor, as far as somebody reads them.
    static func write(_ bytes: UnsafeBufferPointer<UInt8>, _ descriptor: Int32) {
        var rest = UnsafeRawBufferPointer(bytes)[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 { rest = rest.dropFirst(count) } else if count < 0 && errno != EINTR { return }
        }
    }
}
