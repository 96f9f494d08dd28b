import FolioPolicy
import Glibc
import LinuxFacts

/// How far something is, on a terminal: a bar, bytes or a number, speed and the time that is left. Nothing where standard error is none.
struct ProgressBar {
    private static let cells = 24
    private let name: String
    private let measure: Measure
    private let shows: Bool
    private let began = MonotonicClock.seconds()

    /// What is counted.
    enum Measure {
        case bytes
        case number

        fileprivate func text(_ amount: Int) -> String {
            switch self {
            case .bytes: "\(ByteSize(bytes: amount))"
            case .number: "\(amount)"
            }
        }
    }

    /// - Parameter shows: whether anything is to be shown at all.
    init(_ name: String, _ measure: Measure = .bytes, shows: Bool = true) {
        self.name = name
        self.measure = measure
        self.shows = shows && isatty(STDERR_FILENO) == 1
    }

    /// Shows that `done` have been done; `total` nil: nobody knows of how many.
    func show(_ done: Int, of total: Int?) {
        guard shows else { return }
        write(
            "\r\u{1b}[K"
                + Self.line(
                    name, done, of: total, measure, seconds: MonotonicClock.seconds() - began, width: Self.width))
    }

    /// Takes it away.
    func end() {
        if shows { write("\r\u{1b}[K") }
    }

    /// The line that says it, at most `width` columns wide.
    static func line(
        _ name: String, _ done: Int, of total: Int?, _ measure: Measure = .bytes, seconds: Double, width: Int
    ) -> String {
        let speed = seconds > 0 ? Double(done) / seconds : 0
        var words = measure.text(done)
        if let total, total > 0 {
            let filled = min(cells, done * cells / total)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled)
            words = "[\(bar)] \(min(100, done * 100 / total)) % \(words) of \(measure.text(total))"
        }
        if measure == .bytes || speed >= 1 { words += ", \(measure.text(Int(speed)))/s" }
        if let total, speed > 0, done < total {
            words += ", \(duration(Int((Double(total - done) / speed).rounded(.up)))) left"
        }
        // The file's name gives way first.
        let room = width - words.count - 2
        guard room > 0 else { return String(words.prefix(max(0, width))) }
        return (name.count <= room ? name : "…" + name.suffix(room - 1)) + "  " + words
    }

    private static func duration(_ seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60):\(two(seconds % 60)) min" }
        return "\(seconds / 3600):\(two(seconds / 60 % 60)) h"
    }

    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col) - 1
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBufferPointer { Terminal.write($0, STDERR_FILENO) }
    }
}
