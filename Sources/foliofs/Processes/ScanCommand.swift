import ArgumentParser
import LinuxFacts

/// `foliofs scan`: what of a running process is mapped by PMDs, what could be, and why the rest never will.
struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "List a running process's file mappings: mapped by PMDs, or by what they could be, or why never.",
        discussion: """
            Nothing is changed. collapse: foliofs collapse --pid does it now. promote: foliofs promote does it for \
            what the process has not touched yet, and for whoever maps the file later. mount: a new process that maps \
            the file through a mount has it, see foliofs run.
            """)

    @Argument(help: "The process.")
    var process: Int32

    @OptionGroup var config: KernelConfigOptions
    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if process <= 0 { throw ValidationError("'\(process)' is no process id") }
    }

    func run() throws {
        let reader = try FactReader()
        var kernel = reader.kernel()
        config.apply(to: &kernel)
        let scan = try ProcessScan(process, reader: reader, registry: try plugins.registry(), kernel: kernel)
        Terminal.print(json ? try JSONText.pretty(scan) : scan.text)
    }
}
