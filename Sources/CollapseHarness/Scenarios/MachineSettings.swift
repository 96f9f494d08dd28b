import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Settings of the machine that are other for a while, put back when it goes, or when this process does, however it ends.
///
/// A child in a session of its own keeps what was there before and writes it back at the end of a pipe that this process
/// holds: after SIGKILL as well.
final class MachineSettings {
    /// One file and what is to be in it.
    struct Change {
        let path: FilePath
        let word: String

        /// A file below transparent_hugepage.
        init(_ file: String, _ word: String) {
            path = FilePath("/sys/kernel/mm/transparent_hugepage").pushing(FilePath(file))
            self.word = word
        }
    }

    private let keeper: Int32
    private let pipe: Pipe

    /// Changes the settings, in order.
    /// - Throws: what open(2), write(2) and fork(2) say; then nothing is changed.
    init(_ changes: [Change]) throws(LinuxError) {
        var before: [(FilePath, String)] = []
        for change in changes {
            let text: String
            do throws(Errno) {
                text = try TextFile.read(change.path)
            } catch {
                throw LinuxError("read", change.path, error)
            }
            before.append((change.path, HugePageSettings.chosen(text) ?? text.filter { !$0.isWhitespace }))
        }
        do throws(Errno) {
            pipe = try Pipe()
        } catch {
            throw LinuxError("make a pipe for", "the settings' keeper", error)
        }
        keeper = folio_fork_survivor()
        if keeper == 0 { Self.keep(before, pipe) }
        guard keeper > 0 else {
            let failure = Errno(rawValue: errno)
            close(pipe.reading)
            close(pipe.writing)
            throw LinuxError("start", "the settings' keeper", failure)
        }
        close(pipe.reading)
        for change in changes {
            do throws(Errno) {
                try Self.write(change.word, change.path)
            } catch {
                end()
                throw LinuxError("write \(change.word) to", change.path, error, advice: "run it as root")
            }
        }
    }

    deinit { end() }

    private var ended = false

    /// Has everything put back, and waits for that.
    private func end() {
        guard !ended else { return }
        ended = true
        // A child that holds a copy of this end must not keep the settings from being put back: a byte says it too.
        _ = Glibc.write(pipe.writing, [1], 1)
        close(pipe.writing)
        var status: Int32 = 0
        _ = try? systemCall { waitpid(keeper, &status, 0) }
    }

    private static func keep(_ before: [(FilePath, String)], _ pipe: Pipe) -> Never {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, SIG_IGN) }
        close(pipe.writing)
        var byte: UInt8 = 0
        _ = try? systemCall { read(pipe.reading, &byte, 1) }
        for (path, word) in before.reversed() { try? write(word, path) }
        _exit(0)
    }

    /// Writes a word to a file that is there.
    static func write(_ word: String, _ path: FilePath) throws(Errno) {
        let file = try systemCall { path.withPlatformString { open($0, O_WRONLY | O_CLOEXEC) } }
        defer { close(file) }
        let bytes = Array(word.utf8)
        _ = try systemCall { Glibc.write(file, bytes, bytes.count) }
    }
}
