import ArgumentParser
import FolioCapability
import FolioPolicy
import LinuxFacts
import SystemPackage

/// `foliofs facts`: everything the policy looks at, as one document that can be asked about elsewhere.
struct FactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "facts",
        abstract: "Capture everything the policy looks at, as one JSON document.",
        discussion: "foliofs explain --facts FILE answers from it, on any machine, what explain answers here.")

    @Argument(help: "The file that will be asked about; without one, the kernel and its controls.")
    var path: String?

    @Flag(help: "Print JSON; there is no other form.")
    var json = false

    @OptionGroup var config: KernelConfigOptions

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        let reader = try FactReader()
        let registry = try plugins.registry()
        var kernel = reader.kernel()
        config.apply(to: &kernel)
        let names = registry.optionsThatMatter.union(FactReader.optionsThatMatter)
        kernel.config = kernel.config.filter { names.contains($0.key) }
        var document = QueryDocument(
            path: path, kernel: kernel, system: reader.system(), filesystem: FilesystemFacts(type: nil),
            file: FileFacts(size: nil, regular: nil), mapping: WholeFileMapping.unknown, operation: .collapse)
        if let path {
            let file = FilePath(path)
            let facts = try reader.file(file)
            let (filesystem, _) = registry.resolve(
                path: try file.resolved(), filesystem: try reader.filesystem(of: file), file: facts, kernel: kernel
            ) { try? reader.filesystem(of: $0) }
            document.filesystem = filesystem
            document.system = reader.system(for: file, on: filesystem)
            document.file = facts
            document.mapping = try WholeFileMapping(
                offset: nil, length: nil, exec: false
            ).facts(size: facts.size ?? 0, geometry: kernel.geometry)
            reader.complete(
                &document.file, of: file, offset: document.mapping.offset, length: document.mapping.length)
        }
        Terminal.print(try JSONText.pretty(document))
    }
}
