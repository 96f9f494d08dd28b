import ArgumentParser
import FolioCapability
import Glibc
import LinuxFacts
import SystemPackage

/// `foliofs plugin new`: a folder with a plugin that is whole, to be changed into the one that is wanted.
struct PluginNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a folder with a plugin that validates, builds and passes its own test.",
        discussion: "The folder is made in the present directory. docs/PLUGINS.md says how to go on.")

    /// A language a library can be written in.
    enum Language: String, ExpressibleByArgument, CaseIterable {
        case swift, c
    }

    @Argument(help: "The filesystem's type as /proc/self/mountinfo names it.")
    var name: String

    @Option(help: "Write a shared library as well, in Swift or C.")
    var native: Language?

    mutating func validate() throws {
        guard PluginTemplate.isName(name) else {
            throw ValidationError("\(name) is no name like examplefs: letters, digits, . _ and -")
        }
    }

    func run() throws {
        let folder = FilePath(name)
        try make(folder)
        let template: PluginTemplate =
            switch native {
            case nil: .manifest
            case .swift?: .swift
            case .c?: .c
            }
        for (path, text) in template.files(name: name) {
            let file = folder.pushing(FilePath(path))
            let parent = file.removingLastComponent()
            if parent != folder { try? make(parent) }
            try write(text, to: file)
        }
        let build = native == nil ? "" : "make -C \(name), then "
        Terminal.print(
            "\(name): made; \(build)foliofs plugin validate \(name), foliofs plugin test \(name), and with a mounted one "
                + "foliofs plugin test \(name) --probe DIR")
    }

    private func make(_ path: FilePath) throws(LinuxError) {
        do throws(Errno) {
            _ = try systemCall { path.withPlatformString { mkdir($0, 0o755) } }
        } catch {
            let advice = error == .fileExists ? "choose another name, or take it away" : nil
            throw LinuxError("make the folder", path, error, advice: advice)
        }
    }

    private func write(_ text: String, to path: FilePath) throws(LinuxError) {
        do throws(Errno) {
            let file = try systemCall {
                path.withPlatformString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
            }
            defer { close(file) }
            let bytes = Array(text.utf8)
            let count = try systemCall { Glibc.write(file, bytes, bytes.count) }
            guard count == bytes.count else { throw .noSpace }
        } catch {
            throw LinuxError("write", path, error)
        }
    }
}
