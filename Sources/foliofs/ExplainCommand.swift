import ArgumentParser
import FolioCapability
import FolioConfiguration
import FolioFS
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// `foliofs explain`: would a file be mapped with huge pages, by what, and why not.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say whether large folios may be created for a file, what an operation does, and why.",
        discussion: """
            The question is about a read-only, private mapping of the whole file (or of --offset and --length), at an \
            address congruent with the offset, whose pages have been touched. Nothing is changed.
            """)

    @Argument(help: "The file that is asked about.")
    var path: String?

    @Option(
        help: ArgumentHelp(
            "Ask about the mappings of this process as they are: of PATH, or of every file.", valueName: "process"))
    var pid: Int32?

    @Option(help: "What is done with the mapping; collapse where nothing says otherwise.")
    var operation: Operation?

    @Option(
        help: ArgumentHelp("Where in the file the mapping begins, a multiple of the page size.", valueName: "bytes"))
    var offset: ByteSize?

    @Option(help: ArgumentHelp("How much is mapped; else to the end of the file.", valueName: "bytes"))
    var length: ByteSize?

    @Flag(help: "The mapping is executable as well; of a program or library, say which segments PMDs map.")
    var exec = false

    @Flag(help: "Take the file to be open for writing.")
    var openForWrite = false

    @OptionGroup var kernel: KernelOptions

    @Option(
        help: ArgumentHelp(
            "Read questions from standard input, JSON Lines, and answer each by one line of JSON; touches no file.",
            valueName: "-"))
    var query: String?

    @Option(
        help: ArgumentHelp(
            "Answer from what foliofs facts wrote, here or elsewhere; - is standard input.", valueName: "file")
    )
    var facts: String?

    @OptionGroup var config: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "Take the file to be served from this directory: its path below it is what rules look at.",
            valueName: "directory"))
    var source: String?

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if let query {
            guard query == "-" else { throw ValidationError("--query reads standard input: give it as -") }
            guard path == nil else { throw ValidationError("--query takes no path") }
            guard facts == nil else { throw ValidationError("--query and --facts are two questions") }
        } else if facts != nil {
            guard path == nil else { throw ValidationError("--facts takes no path") }
        } else if path == nil, pid == nil {
            throw ValidationError("a path is needed, or --pid PROCESS, or --facts FILE, or --query -")
        }
        if pid != nil {
            guard query == nil, facts == nil else {
                throw ValidationError("--pid asks about a process of this machine")
            }
            guard offset == nil, length == nil, !exec, !openForWrite else {
                throw ValidationError(
                    "--pid asks about mappings as they are, without --offset, --length, --exec and --open-for-write")
            }
        }
    }

    func run() throws {
        let registry = try plugins.registry()
        if let facts {
            let explanation = try explanation(from: facts, registry: registry)
            Terminal.print(json ? try JSONText.pretty(json: explanation.document.json) : explanation.text)
            return
        }
        if let pid {
            let reader = try FactReader()
            let explanation = try ProcessExplanation(
                pid, file: path.map { FilePath($0) }, operation: operation ?? .collapse, reader: reader,
                registry: registry, kernel: kernel.facts(running: reader.kernel()))
            Terminal.print(json ? try JSONText.pretty(explanation) : explanation.text)
            return
        }
        guard let path else {
            try QueryStream(registry: registry).run()
            return
        }
        var explanation = try explanation(of: FilePath(path), registry: registry)
        if exec {
            explanation.image = ImageExplanation(
                FilePath(path), route: explanation.route, geometry: explanation.query.kernel.geometry)
        }
        Terminal.print(json ? try JSONText.pretty(json: explanation.json()) : explanation.text)
    }

    private func explanation(of path: FilePath, registry: CapabilityRegistry) throws -> Explanation {
        let reader = try FactReader()
        let outer = try reader.filesystem(of: path)
        var file = try reader.file(path)
        if openForWrite { file.openForWrite = true }
        let mapping = try mapping(size: file.size ?? 0, geometry: reader.kernel().geometry)
        // What is cached here says nothing of another kernel's page cache.
        if kernel.isAnother {
            file.cachedOrders = nil
        } else {
            reader.complete(&file, of: path, offset: mapping.offset, length: mapping.length)
        }
        let facts = kernel.facts(running: reader.kernel())
        let (filesystem, capability) = registry.resolve(
            path: try path.resolved(), filesystem: outer, file: file, kernel: facts
        ) { try? reader.filesystem(of: $0) }
        let query = PolicyQuery(
            kernel: facts, system: reader.system(for: FilePath(path.string), on: filesystem), filesystem: filesystem,
            capability: capability, file: file,
            mapping: mapping, operation: operation ?? .collapse)
        if config.file == nil, source == nil, !kernel.isAnother, let (mount, below) = ServedMount.holding(path.string),
            let answer = try Self.route(mount, below, exec: exec)
        {
            return Explanation(
                path: path.string, query: query, route: answer, mountpoint: mount.mount.mountpoint.string)
        }
        let rules = RouteRules(try config.load().rules)
        return Explanation(path: path.string, query: query, rules: rules, subject: try subject(path, file, rules))
    }

    /// How the mount that holds a file serves it; nil: it is another user's, who does not tell.
    private static func route(_ mount: ServedMount, _ below: FilePath, exec: Bool) throws -> RouteDecision? {
        var answer: RouteAnswer?
        let path = below.withPlatformString { Array(String(cString: $0).utf8) }
        try? mount.ask(ControlMessage(.route, path: path, exec: exec)) { (told: RouteAnswer) in
            answer = told
            return false
        }
        if let error = answer?.error { throw CommandFailure(error) }
        return answer?.decision
    }

    /// What rules look at of a file that is on no mount.
    private func subject(_ path: FilePath, _ file: FileFacts, _ rules: RouteRules) throws -> RuleSubject {
        let status = try FileStatus.read(path)
        guard status.isRegular else { return RuleSubject(file, exec: exec) }
        var below: [UInt8]?
        if let source {
            var resolved = try path.resolved()
            let directory = try FilePath(source).resolved()
            guard resolved.removePrefix(directory) else {
                throw CommandFailure(
                    "\(path) is not below \(source): EINVAL; name a directory that holds it", code: .usage)
            }
            below = resolved.withPlatformString { Array(String(cString: $0).utf8) }
        }
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        defer { if descriptor >= 0 { close(descriptor) } }
        return RuleSubjectReader.read(
            descriptor, size: file.size ?? 0, mode: status.mode, user: status.user, group: status.group, path: below,
            exec: exec, heats: [], for: rules)
    }

    /// What is asked of facts that were written down.
    private func explanation(from file: String, registry: CapabilityRegistry) throws -> Explanation {
        let bytes: [UInt8]
        do {
            bytes = try TextFile.bytes(file == "-" ? "/dev/stdin" : FilePath(file))
        } catch {
            throw LinuxError("read the facts in", FilePath(file), error)
        }
        var document: QueryDocument
        do {
            document = try QueryDocument.parse(bytes: bytes, operation: operation ?? .collapse)
        } catch {
            throw CommandFailure("the facts in \(file) are none: \(error); foliofs facts PATH writes them")
        }
        document.operation = operation ?? document.operation
        if openForWrite { document.file.openForWrite = true }
        if kernel.isAnother { document.file.cachedOrders = nil }
        document.kernel = kernel.facts(running: document.kernel)
        if offset != nil || length != nil {
            document.mapping = try mapping(size: document.file.size ?? 0, geometry: document.kernel.geometry)
        }
        if exec { document.mapping.exec = true }
        return Explanation(path: document.path, query: document.query(registry: registry))
    }

    /// The mapping that is asked about.
    private func mapping(size: Int, geometry: PageGeometry) throws -> MappingFacts {
        try WholeFileMapping(offset: offset?.bytes, length: length?.bytes, exec: exec)
            .facts(size: size, geometry: geometry)
    }
}
