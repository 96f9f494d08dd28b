import ArgumentParser
import FolioFS
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import Logging
import SystemPackage

/// `foliofs mount`: serves a directory.
struct MountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mount", abstract: "Serve a directory on a mountpoint; returns when the mount answers.")

    @Argument(help: "The directory to serve.") var source: String
    @Argument(help: "The directory to mount on.") var mountpoint: String
    @Option(name: .short, help: "Options as mount(8) has them, comma-separated; foliofs's own by their long names.")
    var o: [String] = []
    @Flag(help: "Stay in the foreground.") var foreground = false
    @Option(
        help: "Serve every file by this route (native, staged, fallback, plain); default: the policy chooses.",
        transform: { try word($0) })
    var route: Route?
    @Option(
        help: "Bring huge folios about this way (collapse, refault, none); default: the policy chooses.",
        transform: { try word($0) })
    var promotion: Promotion?
    @Option(help: "Bytes that staged copies may take together; default: an eighth of the memory.")
    var stageLimit: ByteSize?
    @Option(help: "The largest file that is promoted before its open is answered; larger ones behind it.")
    var stageSyncLimit: ByteSize?
    @Option(help: "Promote files whose path below the source matches this pattern when they are opened. Repeatable.")
    var promote: [String] = []
    @Option(
        help: "Bring huge folios about ahead, for files whose path below the source matches this pattern. Repeatable.")
    var prestage: [String] = []
    @Flag(help: "Do not promote programs and libraries when they are opened.") var noPromoteExecutables = false
    @Flag(help: "Do not show programs with their segments aligned for PMDs.") var noAlignedExec = false
    @Flag(help: "Do not ask for passthrough: everything through FUSE's page cache.") var noPassthrough = false
    @Option(
        help: "Watch the source for changes by others this way at best (fanotify, inotify, timeouts).",
        transform: { try word($0) })
    var watch: WatchMethod?
    @Flag(help: "Allow no change through the mount.") var readOnly = false
    @Flag(help: "Let others than you use the mount; root's mounts are always for all.") var allowOther = false
    @Flag(help: "Show what is mounted inside the source as empty directories.") var oneFileSystem = false
    @Option(help: .hidden) var untilClosed: Int32?
    @OptionGroup var plugins: PluginOptions
    @Flag(name: .shortAndLong, help: "Say more on standard error.") var verbose = false

    private static func word<Word: RawRepresentable & CaseIterable>(_ text: String) throws -> Word
    where Word.RawValue == String {
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(text)' is none of \(words)")
    }

    func run() throws {
        var command = self
        let passed = try command.takeOptions()
        if foreground || Background.isServer {
            try command.serve(mountOptions: passed)
        } else {
            // What is wrong with manifests is known before anything is started.
            _ = try plugins.registry()
            try Background.start()
        }
    }

    /// Takes foliofs's own options out of `-o`.
    /// - Returns: what is left for mount.fuse3(8).
    private mutating func takeOptions() throws(CommandFailure) -> [String] {
        var left: [String] = []
        for option in o.flatMap({ $0.split(separator: ",").map(String.init) }) {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            switch parts[0] {
            case "ro", "read-only": readOnly = true
            case "rw", "suid", "dev", "exec", "auto", "noauto", "nofail", "_netdev", "defaults", "default_permissions",
                "user", "nouser", "x-systemd.automount":
                break
            case "allow_other", "allow-other": allowOther = true
            case "route": route = try Self.parsed(option, Route(rawValue: value))
            case "promotion": promotion = try Self.parsed(option, Promotion(rawValue: value))
            case "stage-limit": stageLimit = try Self.parsed(option, ByteSize(value))
            case "stage-sync-limit": stageSyncLimit = try Self.parsed(option, ByteSize(value))
            case "promote": promote.append(value)
            case "prestage": prestage.append(value)
            case "no-promote-executables": noPromoteExecutables = true
            case "no-aligned-exec": noAlignedExec = true
            case "no-passthrough": noPassthrough = true
            case "watch": watch = try Self.parsed(option, WatchMethod(rawValue: value))
            case "one-file-system": oneFileSystem = true
            case "plugins": plugins.directories.append(value)
            case "nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime", "sync", "dirsync", "max_read":
                left.append(option)
            case let name where name.hasPrefix("x-"): break
            default:
                throw CommandFailure(
                    "mount knows no option \(option); see foliofs help mount", code: .usage)
            }
        }
        return left
    }

    private static func parsed<Value>(_ option: String, _ value: Value?) throws(CommandFailure) -> Value {
        guard let value else { throw CommandFailure("the value of -o \(option) makes no sense", code: .usage) }
        return value
    }

    private func serve(mountOptions: [String]) throws {
        var options = ServeOptions(source: FilePath(source), mountpoint: FilePath(mountpoint))
        options.route = route
        options.promotion = promotion
        if let stageLimit { options.stageLimit = stageLimit.bytes }
        if let stageSyncLimit { options.stageSyncLimit = stageSyncLimit.bytes }
        options.promotePatterns = promote
        options.prestagePatterns = prestage
        options.promoteExecutables = !noPromoteExecutables
        options.alignedExec = !noAlignedExec
        options.allowOther = allowOther
        options.passthrough = !noPassthrough
        if let watch { options.watch = watch }
        options.readOnly = readOnly
        options.oneFilesystem = oneFileSystem
        options.plugins = plugins.searchPath
        options.mountOptions = mountOptions
        var logger = Logger(label: "foliofs") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .warning
        do {
            let (lifeline, place) = (untilClosed, options.mountpoint)
            try DirectoryServer(options, logger: logger) {
                Background.tellReady()
                if let lifeline { Lifeline.watch(lifeline, mountpoint: place) }
            }.run()
        } catch let error as ServeError {
            throw CommandFailure(error.description, code: error.machineLacks ? .lacking : .operationFailed)
        } catch let error as SessionError {
            throw CommandFailure(error.description, code: .operationFailed)
        }
    }
}
