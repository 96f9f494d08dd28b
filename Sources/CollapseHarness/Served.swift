import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// This very program's mount command, as a child.
enum Served {
    /// Starts it, and returns when the mount is there.
    /// - Throws: `Unavailable`, with what it said.
    static func start(
        _ source: FilePath, _ mountpoint: FilePath, _ route: Route, promoted: Bool
    ) throws -> Program {
        var command = [
            "/proc/self/exe", "mount", source.string, mountpoint.string, "--foreground", "--route", route.rawValue,
            // Or the news of a file that was just made drops what was promoted meanwhile.
            "--watch", "timeouts",
        ]
        if !promoted { command += ["--promotion", "none"] }
        let server = try Program(command)
        for _ in 0..<1000 {
            let table = try MountTable.read()
            if table.mounts.contains(where: { $0.mountpoint == mountpoint && $0.type.hasPrefix("fuse") }) {
                return server
            }
            guard server.isRunning else { break }
            usleep(10_000)
        }
        guard !server.isRunning else { throw Unavailable(reason: "foliofs mount did not mount within 10 seconds") }
        let said = server.text().split(separator: "\n").first.map(String.init) ?? "no word of why"
        throw Unavailable(reason: "foliofs mount ended: \(said)")
    }
}
