import ArgumentParser
import FolioFS
import LinuxFacts

/// `foliofs reload`: has mounts read their configuration again.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have a mount, or all, read its configuration file again.",
        discussion: """
            A file that is wrong is refused as a whole, what was before stays, and the exit code is 1. Files get their routes \
            by the new rules from their next first open on.
            """)

    @Argument(help: "Where it is mounted; default: every mount of foliofs.", completion: ServedMount.completion)
    var mountpoint: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        var results: [ReloadResult] = []
        var failures: [String] = []
        for mount in try mountpoint.map({ [try ServedMount.on($0)] }) ?? ServedMount.all() {
            do throws(CommandFailure) {
                try mount.ask(ControlMessage(.reload)) { (answer: ReloadResult) in
                    results.append(answer)
                    return false
                }
            } catch {
                failures.append(error.description)
            }
        }
        if json {
            Terminal.print(try JSONText.pretty(results))
        } else {
            for result in results where result.error == nil {
                let file = result.configuration ?? "no configuration file"
                Terminal.print("\(result.mountpoint): \(file), \(result.rules) rules")
                if !result.atNextMount.isEmpty {
                    let settings = result.atNextMount.joined(separator: ", ")
                    Terminal.print("  from the next mount on: \(settings)")
                }
            }
        }
        failures += results.compactMap { result in result.error.map { "\(result.mountpoint) keeps its rules: \($0)" } }
        try CommandFailure.throwAll(failures)
    }
}
