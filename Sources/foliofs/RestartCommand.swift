import ArgumentParser
import FolioFS
import Glibc
import LinuxFacts
import SystemPackage

/// `foliofs restart`: has another server take a supervised mount over, from the program as it is installed now.
struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Replace the server of a supervised mount under running programs.",
        discussion: """
            What is being done is finished, what waits is done by the new server. It is started from the program as it is \
            installed now, and by the options of the mount.
            """)

    @Argument(help: "Where it is mounted.", completion: ServedMount.completion) var mountpoint: String?
    @Flag(help: "Every supervised mount.") var all = false

    func validate() throws {
        if (mountpoint == nil) != all { throw ValidationError("name a mountpoint, or say --all") }
    }

    func run() throws {
        if let mountpoint { return try restart(ServedMount.on(mountpoint)) }
        var failures: [String] = []
        var devices: Set<DeviceNumber> = []
        // One mount may be seen at several places.
        for mount in try ServedMount.all() where devices.insert(mount.mount.device).inserted {
            do {
                if try mount.status().recovery.supervised { try restart(mount) }
            } catch {
                failures.append("\(error)")
            }
        }
        try CommandFailure.throwAll(failures)
    }

    private func restart(_ served: ServedMount) throws {
        let server = ControlSocket.watch(served.mount)
        var answer: RestartAnswer?
        try served.ask(ControlMessage(.restart, form: MountRecords.formText)) { (said: RestartAnswer) in
            answer = said
            return false
        }
        if let error = answer?.error {
            throw CommandFailure("cannot restart \(served.mount.mountpoint): ENOTSUP; \(error)", code: .lacking)
        }
        if let server { ControlSocket.awaitEnd(server, seconds: 30) }
        // Answered by the new server.
        var status = statvfs()
        guard served.mount.mountpoint.withPlatformString({ statvfs($0, &status) }) == 0 else {
            throw LinuxError(
                "use", served.mount.mountpoint, Errno(rawValue: errno),
                advice: "no server has taken over: see the system's log")
        }
    }
}
