import ArgumentParser
import FolioFS
import Glibc
import LinuxFacts

/// `foliofs top`: mounts, followed live.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Follow a mount, or all: routes, huge pages, promotion, staging, requests, what changes in a second.",
        discussion: "In a terminal the picture is drawn anew each time, until it is interrupted.")

    @Argument(help: "Where it is mounted; default: every mount of foliofs.", completion: ServedMount.completion)
    var mountpoint: String?
    @Option(help: ArgumentHelp("How long to wait between two looks.", valueName: "seconds"))
    var interval = 1.0
    @Option(help: ArgumentHelp("How often to look; default: until interrupted.", valueName: "times"))
    var count: Int?

    mutating func validate() throws {
        guard interval >= 0.1, interval <= 3600 else { throw ValidationError("--interval goes from 0.1 to 3600") }
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
    }

    func run() throws {
        var before: [String: StatusDocument] = [:]
        var then = MonotonicClock.seconds()
        var looks = 0
        while true {
            let mounts = try mountpoint.map { [try ServedMount.on($0)] } ?? ServedMount.all()
            // A mount that ends meanwhile is missing the next time; the one that was named has to be there.
            let documents = try mounts.compactMap { mount in
                if mountpoint == nil { return try? mount.status() }
                return try mount.status()
            }
            let now = MonotonicClock.seconds()
            show(documents.map { MountActivity(now: $0, before: before[$0.mountpoint], seconds: now - then) })
            before = Dictionary(documents.map { ($0.mountpoint, $0) }) { $1 }
            then = now
            looks += 1
            if looks == count { return }
            usleep(UInt32(interval * 1_000_000))
        }
    }

    private func show(_ activities: [MountActivity]) {
        let screen = TerminalScreen.standardOutput
        let lines =
            activities.isEmpty
            ? ["foliofs is mounted nowhere"]
            : activities.flatMap {
                $0.lines(columns: screen?.columns ?? 100, colours: screen?.hasColours ?? false) + [""]
            }
        guard let screen else {
            Terminal.print(lines.joined(separator: "\n"))
            return
        }
        // Home, each line cleared to its end, and what is below; one line more would scroll.
        Terminal.print("\u{1b}[H" + lines.prefix(screen.rows - 2).map { $0 + "\u{1b}[K\n" }.joined() + "\u{1b}[J")
    }
}
