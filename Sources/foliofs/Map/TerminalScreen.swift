import Glibc

/// The terminal that standard output is.
struct TerminalScreen {
    /// Characters in a line.
    let columns: Int
    /// Lines.
    let rows: Int
    /// Whether it is to be written to in colour (NO_COLOR, TERM=dumb).
    let hasColours: Bool

    /// nil: standard output is no terminal.
    static var standardOutput: TerminalScreen? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        let known = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 20
        let dumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        let plain = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        return TerminalScreen(
            columns: known ? Int(size.ws_col) : 80, rows: known && size.ws_row > 1 ? Int(size.ws_row) : 24,
            hasColours: !dumb && !plain)
    }
}
