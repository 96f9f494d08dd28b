import ArgumentParser
import FolioFS

/// `foliofs status`: what the mounts say of themselves.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Routes, PMD coverage, staged bytes and counters of a mount, or of all.",
        discussion: "Of several mounts it prints a table, a row each; of one everything.")

    @Argument(help: "Where it is mounted; default: every mount of foliofs.", completion: ServedMount.completion)
    var mountpoint: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        guard let mountpoint else {
            try describeAll()
            return
        }
        let document = try ServedMount.on(mountpoint).status()
        Terminal.print(json ? try JSONText.pretty(document) : MountDescription(document).text)
    }

    /// Every mount that answers; those that do not are errors, and keep nothing from being said of the others.
    private func describeAll() throws {
        let (documents, failures) = try ServedMount.statusOfAll()
        if json {
            Terminal.print(try JSONText.pretty(documents))
        } else if documents.count == 1, let document = documents.first {
            Terminal.print(MountDescription(document).text)
        } else if documents.count > 1 {
            Terminal.print(MountDescription.table(documents))
        } else if failures.isEmpty {
            Terminal.print("foliofs is mounted nowhere")
        }
        for failure in failures { _ = CommandRunner.report(failure) }
        if !failures.isEmpty { throw ExitCode.operationFailed }
    }
}
