import ArgumentParser
import FolioCapability
import FolioPolicy
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

    @Option(help: "What is done with the mapping.")
    var operation: Operation = .collapse

    @Option(
        help: ArgumentHelp("Where in the file the mapping begins, a multiple of the page size.", valueName: "bytes"))
    var offset: ByteSize?

    @Option(help: ArgumentHelp("How much is mapped; else to the end of the file.", valueName: "bytes"))
    var length: ByteSize?

    @Flag(help: "The mapping is executable as well.")
    var exec = false

    @Flag(help: "Take the file to be open for writing.")
    var openForWrite = false

    @OptionGroup var kernel: KernelOptions

    @Option(
        help: ArgumentHelp(
            "Read questions from standard input, JSON Lines, and answer each by one line of JSON; touches no file.",
            valueName: "-"))
    var query: String?

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if let query {
            guard query == "-" else { throw ValidationError("--query reads standard input: give it as -") }
            guard path == nil else { throw ValidationError("--query takes no path") }
        } else if path == nil {
            throw ValidationError("a path is needed, or --query -")
        }
    }

    func run() throws {
        let registry = try plugins.registry()
        guard let path else {
            try QueryStream(registry: registry).run()
            return
        }
        let explanation = try explanation(of: FilePath(path), registry: registry)
        Terminal.print(json ? try JSONText.pretty(json: explanation.document.json) : explanation.text)
    }

    private func explanation(of path: FilePath, registry: CapabilityRegistry) throws -> Explanation {
        let reader = try FactReader()
        let filesystem = try reader.filesystem(of: path)
        var file = try reader.file(path)
        if openForWrite { file.openForWrite = true }
        let mapping = try mapping(size: file.size ?? 0, geometry: reader.kernel().geometry)
        // What is cached here says nothing of another kernel's page cache.
        file.cachedOrders =
            kernel.isAnother
            ? nil
            : file.cachedOrders
                ?? reader.cachedOrders(of: path, offset: mapping.offset, length: mapping.length)
        let facts = kernel.facts(running: reader.kernel())
        let query = PolicyQuery(
            kernel: facts, system: reader.system(), filesystem: filesystem,
            capability: registry.capability(filesystem: filesystem, file: file, kernel: facts), file: file,
            mapping: mapping, operation: operation)
        return Explanation(path: path.string, query: query)
    }

    /// The mapping that is asked about.
    private func mapping(size: Int, geometry: PageGeometry) throws -> MappingFacts {
        let start = offset?.bytes ?? 0
        guard start % geometry.pageSize == 0 else {
            throw CommandFailure(
                "--offset \(start) is not a multiple of the page size, \(geometry.pageSize)", code: .usage)
        }
        let toEnd = max(size - min(start, size), 1)
        let (rounded, overflow) = (length?.bytes ?? toEnd).addingReportingOverflow(geometry.pageSize - 1)
        guard !overflow, rounded.addingReportingOverflow(start).overflow == false else {
            throw CommandFailure("--offset and --length reach beyond what a file can hold", code: .usage)
        }
        let base: UInt64 = 0x7f00_0000_0000
        return MappingFacts(
            address: base + UInt64(start % geometry.pmdSize), offset: start,
            length: rounded / geometry.pageSize * geometry.pageSize, exec: exec, touched: true,
            advice: MappingAdvice.none)
    }
}
