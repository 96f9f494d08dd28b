import ArgumentParser
import FolioConfiguration
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

    @Argument(help: "The directory to serve.", completion: .directory) var source: String
    @Argument(help: "The directory to mount on.", completion: .directory) var mountpoint: String
    @Option(
        name: .short,
        help: ArgumentHelp(
            "Options as mount(8) has them, comma-separated; foliofs's own by their long names.", valueName: "options"))
    var o: [String] = []
    @Flag(help: "Stay in the foreground.") var foreground = false
    @OptionGroup var config: ConfigurationOptions
    @Option(
        help: "Serve every file by this route (native, staged, fallback, plain); default: the policy chooses.",
        completion: .list(Route.allCases.map(\.rawValue)), transform: { try word($0) })
    var route: Route?
    @Option(
        help: "Bring huge folios about this way (collapse, refault, none); default: the policy chooses.",
        completion: .list(Promotion.allCases.map(\.rawValue)), transform: { try word($0) })
    var promotion: Promotion?
    @Option(
        help: ArgumentHelp(
            "Bytes that staged copies may take together; default: an eighth of the memory.", valueName: "size"))
    var stageLimit: ByteSize?
    @Option(
        help: ArgumentHelp(
            "The largest file that is promoted before its open is answered; larger ones behind it.", valueName: "size"))
    var stageSyncLimit: ByteSize?
    @Option(
        help: ArgumentHelp(
            "Promote files whose path below the source matches this pattern when they are opened. Repeatable.",
            valueName: "pattern"),
        transform: Self.pattern)
    var promote: [PathPattern] = []
    @Option(
        help: ArgumentHelp(
            "Bring huge folios about ahead, for files whose path below the source matches this pattern. Repeatable.",
            valueName: "pattern"),
        transform: Self.pattern)
    var prestage: [PathPattern] = []
    @Option(
        help: ArgumentHelp(
            "Bytes a second that are promoted behind opens; 0: as fast as it goes. Default: 1G.", valueName: "size"))
    var promotionRate: ByteSize?
    @Option(
        help: ArgumentHelp(
            "How much of the available memory a promotion may fill by reading, in percent; default: 50.",
            valueName: "percent"))
    var promotionMemory: Int?
    @Option(
        help: ArgumentHelp(
            "Seconds after which a promoted file that is open is looked at for losses; 0: never. Default: 60.",
            valueName: "seconds"))
    var promotionCheck: Int?
    @Flag(help: "Do not promote programs and libraries when they are opened.") var noPromoteExecutables = false
    @Flag(help: "Do not show programs with their segments aligned for PMDs.") var noAlignedExec = false
    @Flag(help: "Do not ask for passthrough: everything through FUSE's page cache.") var noPassthrough = false
    @Option(
        help: ArgumentHelp(
            "Watch the source for changes by others this way at best (fanotify, inotify, timeouts).",
            valueName: "method"),
        completion: .list(WatchMethod.allCases.map(\.rawValue)), transform: { try word($0) })
    var watch: WatchMethod?
    @Flag(help: "Allow no change through the mount.") var readOnly = false
    @Flag(help: "Let others than you use the mount; root's mounts are always for all.") var allowOther = false
    @Flag(help: "Show what is mounted inside the source as empty directories.") var oneFileSystem = false
    @Flag(help: "Go on when the server ends: another one takes over under running programs. Takes root and Linux 6.9.")
    var supervised = false
    @Option(help: .hidden) var untilClosed: Int32?
    @OptionGroup var plugins: PluginOptions
    @Flag(name: .shortAndLong, help: "Say more on standard error.") var verbose = false

    private static func word<Word: RawRepresentable & CaseIterable>(_ text: String) throws -> Word
    where Word.RawValue == String {
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(text)' is none of \(words)")
    }

    private static func pattern(_ text: String) throws -> PathPattern {
        do throws(RuleTextError) {
            return try PathPattern(text)
        } catch {
            throw ValidationError("\(error.message); \(error.suggestion)")
        }
    }

    func run() throws {
        var command = self
        let passed = try command.takeOptions()
        if foreground || Background.isServer {
            try command.serve(mountOptions: passed)
        } else {
            // What is wrong with files is known before anything is started.
            let configuration = try command.configuration()
            _ = try command.plugins.registry(after: configuration.plugins)
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
            case "rw", "suid", "dev", "exec", "async", "auto", "noauto", "nofail", "_netdev", "defaults",
                "default_permissions", "user", "nouser", "users", "nousers", "owner", "noowner", "group", "nogroup",
                "comment",
                "silent", "loud", "mand", "nomand", "iversion", "noiversion":
                break
            case "atime", "diratime", "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime",
                "lazytime",
                "nolazytime":
                // Times of last access are kept by the source's own mount; FUSE's inodes have none (S_NOATIME).
                break
            case "remount":
                throw CommandFailure(
                    "a mount's options stay what they are: unmount it and mount it anew, or change ro and rw alone by "
                        + "mount -i -o remount,ro MOUNTPOINT", code: .usage)
            case "allow_other", "allow-other": allowOther = true
            case "route": route = try Self.parsed(option, Route(rawValue: value))
            case "promotion": promotion = try Self.parsed(option, Promotion(rawValue: value))
            case "stage-limit": stageLimit = try Self.parsed(option, ByteSize(value))
            case "stage-sync-limit": stageSyncLimit = try Self.parsed(option, ByteSize(value))
            case "promote": promote.append(try Self.parsed(option, try? PathPattern(value)))
            case "prestage": prestage.append(try Self.parsed(option, try? PathPattern(value)))
            case "config": config.file = value
            case "promotion-rate": promotionRate = try Self.parsed(option, ByteSize(value))
            case "promotion-memory": promotionMemory = try Self.parsed(option, Int(value))
            case "promotion-check": promotionCheck = try Self.parsed(option, Int(value))
            case "no-promote-executables": noPromoteExecutables = true
            case "no-aligned-exec": noAlignedExec = true
            case "no-passthrough": noPassthrough = true
            case "watch": watch = try Self.parsed(option, WatchMethod(rawValue: value))
            case "one-file-system": oneFileSystem = true
            case "supervised": supervised = true
            case "plugins": plugins.directories.append(value)
            case "nosuid", "nodev", "noexec", "noatime", "sync", "dirsync", "max_read":
                left.append(option)
            case let name where name.hasPrefix("x-") || name.hasPrefix("X-"): break
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

    private static func number(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws(CommandFailure) -> Int {
        if range.contains(value) { return value }
        throw CommandFailure(
            "promotion-\(name) is \(value); it goes from \(range.lowerBound) to \(range.upperBound)", code: .usage)
    }

    /// What the configuration file says.
    /// - Throws: `CommandFailure` with everything that is wrong with it.
    private func configuration() throws(CommandFailure) -> Configuration {
        do throws(ConfigurationError) {
            return try config.load()
        } catch {
            throw CommandFailure(error.description, code: .usage)
        }
    }

    private func makeLogger() -> Logger {
        var logger = Logger(label: "foliofs") { label in
            let toCaller = StreamLogHandler.standardError(label: label)
            // Whoever started a server in the background reads its standard error until it is ready, and nobody afterwards.
            return Background.isServer ? MultiplexLogHandler([toCaller, SystemLogHandler()]) : toCaller
        }
        logger.logLevel = verbose ? .debug : .warning
        return logger
    }

    /// The rules that the options are, before those of any file.
    private var rules: [RouteRule] {
        func rule(_ option: String, _ say: (inout RouteRule) -> Void) -> RouteRule {
            var rule = RouteRule(name: option, place: "command line")
            say(&rule)
            return rule
        }
        var rules: [RouteRule] = []
        if !promote.isEmpty {
            rules.append(
                rule("--promote " + promote.map(\.text).joined(separator: " ")) {
                    $0.condition.paths = promote
                    $0.promote = .open
                })
        }
        if noPromoteExecutables {
            rules.append(
                rule("--no-promote-executables") {
                    $0.condition.kinds = [.executable, .elf]
                    $0.promote = .asked
                })
        }
        if let promotion { rules.append(rule("--promotion \(promotion.rawValue)") { $0.promotion = promotion }) }
        if noAlignedExec { rules.append(rule("--no-aligned-exec") { $0.alignedExec = false }) }
        if let route { rules.append(.forced(route, place: "command line")) }
        return rules
    }

    /// What the configuration and plugin files say; where one is wrong by now and programs use the mount already, what holds without any.
    private func configurationToServe(_ logger: Logger) throws -> (Configuration, plugins: [FilePath]) {
        do {
            let configuration = try configuration()
            // Else the server finds out by itself, once.
            if Self.takesImageOver { _ = try plugins.registry(after: configuration.plugins) }
            return (configuration, plugins.searchPath(after: configuration.plugins))
        } catch {
            guard Self.takesImageOver else { throw error }
            logger.error("\(mountpoint) goes on without configuration and plugins: \(error)")
            return (Configuration(), [])
        }
    }

    private func serve(mountOptions: [String]) throws {
        let logger = makeLogger()
        let (configuration, plugins) = try configurationToServe(logger)
        let source = PolicySource(
            options: config, first: rules, stageSyncLimit: stageSyncLimit?.bytes, atMount: configuration)
        var options = ServeOptions(source: FilePath(self.source), mountpoint: FilePath(mountpoint))
        options.policy = source.policy(configuration)
        options.reload = { try source.read() }
        if let limit = stageLimit?.bytes ?? configuration.stageLimit { options.stageLimit = limit }
        options.prestagePatterns = configuration.prestage + prestage
        options.allowOther = allowOther || configuration.allowOther == true
        options.passthrough = !(noPassthrough || configuration.noPassthrough == true)
        if let watch = watch ?? configuration.watch.flatMap(WatchMethod.init) { options.watch = watch }
        options.readOnly = readOnly || configuration.readOnly == true
        options.oneFilesystem = oneFileSystem || configuration.oneFileSystem == true
        options.plugins = plugins
        if let rate = promotionRate?.bytes ?? configuration.promotionRate {
            options.promotionRate = rate == 0 ? nil : rate
        }
        if let memory = configuration.promotionMemory { options.promotionMemory = memory }
        if let seconds = configuration.promotionCheck { options.promotionCheck = seconds }
        if let promotionMemory { options.promotionMemory = try Self.number(promotionMemory, 1...100, "memory") }
        if let promotionCheck { options.promotionCheck = try Self.number(promotionCheck, 0...86_400, "check") }
        options.mountOptions = mountOptions
        do {
            if supervised { return try serveSupervised(options, logger: logger) }
            let (lifeline, place) = (untilClosed, options.mountpoint)
            let manager = Background.isServer ? nil : ServiceManager.own
            ServiceManager.keepFromChildren()
            let server = try DirectoryServer(DirectoryServer.prepare(options, logger: logger), logger: logger) {
                Background.tellReady()
                manager?.tellReady(place)
                if let lifeline { Lifeline.watch(lifeline, mountpoint: place) }
            }
            if let manager, let interval = manager.interval {
                AnswerWatch.begin(place, every: min(interval / 4, 15_000), isHeldUp: server.isHeldUp) {
                    manager.tellAlive()
                }
            }
            try server.run()
        } catch let error as ServeError {
            throw CommandFailure(error.description, code: error.machineLacks ? .lacking : .operationFailed)
        } catch let error as SessionError {
            throw CommandFailure(error.description, code: .operationFailed)
        }
    }
}
