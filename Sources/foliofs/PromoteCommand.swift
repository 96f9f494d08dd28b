import ArgumentParser
import FolioFS
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// `foliofs promote`: brings huge folios about.
struct PromoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Bring huge folios about for files, directories with all they hold.",
        discussion: """
            On a mount of foliofs its server does it, by the route of the file. Anywhere else this command does it itself, in the \
            page cache of the file's own filesystem, where that can hold huge folios.
            """)

    @Argument(help: "Files and directories, below a mountpoint or not.") var paths: [String]
    @Flag(help: "Wait until a mount's server is done, and say what came of it; otherwise it goes on by itself.")
    var wait = false
    @OptionGroup var plugins: PluginOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Report: Encodable {
        var files: [PromotionResult]
    }

    mutating func validate() throws {
        if paths.isEmpty { throw ValidationError("name a file or a directory") }
    }

    func run() throws {
        var results: [PromotionResult] = []
        var failures: [String] = []
        let promotion = FilePromotion(try plugins.registry(), waits: wait, showsProgress: !json)
        for path in try paths.flatMap(Self.files) {
            do {
                if let result = try promotion.promote(path) { results.append(result) }
            } catch {
                guard let message = CommandRunner.message(of: error) else { throw error }
                failures.append(message)
            }
        }
        if json { Terminal.print(try JSONText.pretty(Report(files: results))) } else { describe(results) }
        guard let first = failures.first else { return }
        let more = failures.count > 1 ? " (and \(failures.count - 1) more)" : ""
        throw CommandFailure(first + more)
    }

    private func describe(_ results: [PromotionResult]) {
        guard !results.isEmpty else { return }
        var table = TextTable("file", "route", "size", "PMD-mapped", "seconds", "why")
        for result in results {
            let share =
                result.eligibleBytes == 0
                ? "no whole chunk"
                : "\(result.pmdBytes * 100 / result.eligibleBytes) % of \(ByteSize(bytes: result.eligibleBytes))"
            table.add(
                result.path, result.route, ByteSize(bytes: result.bytes).description, share,
                String(Double(Int(result.seconds * 1000)) / 1000), result.routeReason)
        }
        for line in table.lines() { Terminal.print(line) }
    }

    /// The regular files at or below a path, without following symbolic links inside it.
    private static func files(_ path: String) throws -> [String] {
        guard (try FileStatus.read(FilePath(path))).isDirectory else { return [path] }
        guard let directory = opendir(path) else {
            throw LinuxError("read", FilePath(path), Errno(rawValue: errno))
        }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let pointer = UnsafeRawPointer(entry) + 19
            let name = String(cString: pointer.assumingMemoryBound(to: CChar.self))
            guard name != ".", name != ".." else { continue }
            let below = path + "/" + name
            guard let status = try? FileStatus.read(FilePath(below), follow: false) else { continue }
            if status.isDirectory { found += try files(below) } else if status.isRegular { found.append(below) }
        }
        return found.sorted()
    }
}
