import ArgumentParser
import FolioFS
import FolioPolicy
import LinuxFacts

/// `foliofs status`: what the mounts say of themselves.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Routes, PMD coverage, staged bytes and counters of a mount, or of all.")

    @Argument(help: "Where it is mounted; default: every mount of foliofs.", completion: ServedMount.completion)
    var mountpoint: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let mounts = try mountpoint.map { [try ServedMount.on($0)] } ?? ServedMount.all()
        let documents = try mounts.map { try $0.status() }
        if json {
            if mountpoint != nil, let document = documents.first {
                Terminal.print(try JSONText.pretty(document))
            } else {
                Terminal.print(try JSONText.pretty(documents))
            }
        } else if documents.isEmpty {
            Terminal.print("foliofs is mounted nowhere")
        } else {
            for document in documents { describe(document) }
        }
    }

    private func describe(_ document: StatusDocument) {
        Terminal.print("\(document.source) on \(document.mountpoint)")
        let routes = document.routes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        Terminal.print("  passthrough   \(document.passthrough ? "granted" : "not granted")")
        Terminal.print("  first opens   \(routes.joined(separator: ", "))")
        Terminal.print("  configuration \(document.configuration.file ?? "none")")
        if let refused = document.configuration.refused {
            Terminal.print("    refused when it was read again, what was before stays:")
            for line in refused.split(separator: "\n") { Terminal.print("    \(line)") }
        }
        for rule in document.rules {
            Terminal.print("  rule          \(rule.rule) (\(rule.place)): \(rule.opens)")
        }
        Terminal.print("  PMD-mapped    \(ByteSize(bytes: document.pmdMappedBytes))")
        Terminal.print(
            "  staged        \(ByteSize(bytes: document.stagedBytes)) of \(ByteSize(bytes: document.stageLimit))")
        if let staging = document.staging {
            Terminal.print(
                "  copies        \(staging.copies), \(staging.openCopies) open, \(ByteSize(bytes: staging.usedBytes)) of memory"
            )
            let tellers = staging.pressure.isEmpty ? "nobody tells" : staging.pressure.joined(separator: ", ")
            Terminal.print("  pressure      \(tellers)")
        }
        Terminal.print("  inodes        \(document.inodes)")
        let requests = RequestActivity(document)
        Terminal.print("  requests      \(requests.count)")
        for operation in requests.operations.prefix(3) {
            Terminal.print("    \(operation.name) \(operation.count), \(operation.latency)")
        }
        let recovery = document.recovery
        Terminal.print(
            "  supervised    "
                + (recovery.supervised ? "yes, server \(recovery.daemons)" : "no: the mount ends with its server"))
        for watch in document.watch {
            Terminal.print("  watched       \(watch.device) by \(watch.method): \(watch.reason)")
        }
        for (name, count) in document.counters.sorted(by: { $0.key < $1.key }) where count > 0 {
            Terminal.print("  \(name) \(count)")
        }
    }
}
