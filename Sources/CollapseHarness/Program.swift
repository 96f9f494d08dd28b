import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// A program that was started; it dies with this process.
final class Program {
    private let process: Int32
    private var output: Int32
    private var status: Int32?

    /// Starts a program, by path or found where administrators' programs are.
    /// - Throws: ENOENT where there is none.
    init(_ command: [String]) throws(Errno) {
        guard let name = command.first, let path = Self.find(name) else { throw .noSuchFileOrDirectory }
        let ends = try Pipe()
        defer { close(ends.writing) }
        output = ends.reading
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        do {
            process = try systemCall { folio_spawn(path, arguments, ends.writing) }
        } catch {
            close(ends.reading)
            throw error
        }
    }

    deinit {
        stop()
        if output >= 0 { close(output) }
    }

    /// Where a program is; nil: nowhere.
    static func find(_ name: String) -> String? {
        if name.contains("/") { return name }
        return ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/", "/usr/local/sbin/", "/usr/local/bin/"].map { $0 + name }
            .first { access($0, X_OK) == 0 }
    }

    /// Runs a program to its end.
    /// - Returns: what it said, where it failed; nil: it succeeded.
    static func run(_ command: [String]) -> String? {
        do throws(Errno) {
            let program = try Program(command)
            let text = program.text()
            let status = program.wait()
            if status == 0 { return nil }
            let last = text.split(separator: "\n").last.map(String.init) ?? "no word of why"
            return "\(command[0]): \(last)"
        } catch {
            return "\(command.first ?? "no program"): \(error.name); install it"
        }
    }

    /// What it printed, until it closed its output.
    func text() -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while let got = try? systemCall({ read(output, &piece, piece.count) }), got > 0 { bytes += piece[..<got] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it is still there.
    var isRunning: Bool {
        if status != nil { return false }
        var word: Int32 = 0
        guard waitpid(process, &word, WNOHANG) == process else { return true }
        status = word
        return false
    }

    /// Its wait status, when it has ended.
    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        var word: Int32 = 0
        _ = try? systemCall { waitpid(process, &word, 0) }
        status = word
        return word
    }

    /// Asks it to end (SIGTERM), and after 5 seconds makes it.
    func stop() {
        guard isRunning else { return }
        kill(process, SIGTERM)
        for _ in 0..<500 where isRunning { usleep(10_000) }
        if isRunning {
            kill(process, SIGKILL)
            wait()
        }
    }
}
