import ArgumentParser
import LinuxFacts
import SystemPackage

/// `foliofs metrics`: what mounts say of themselves, for Prometheus.
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Print what every mount says of itself in Prometheus's text format, or answer requests for it.",
        discussion: """
            It is a process of its own, so that no server of a mount listens to anybody else than root and its user.
            """)

    @Argument(help: "Where it is mounted; default: every mount of foliofs.", completion: ServedMount.completion)
    var mountpoint: String?
    @Option(
        help: ArgumentHelp(
            "Answer GET /metrics here until interrupted: unix:PATH, 127.0.0.1:PORT or [::1]:PORT.", valueName: "address"
        ))
    var listen: String?

    func run() throws {
        guard let listen else {
            Terminal.print(String(try metrics().dropLast()))
            return
        }
        guard let address = MetricsAddress(listen) else {
            throw CommandFailure(
                "cannot listen on \(listen): it is none of unix:/PATH, 127.0.0.1:PORT and [::1]:PORT; let a proxy with "
                    + "authentication answer other machines", code: .usage)
        }
        let server: MetricsServer
        do throws(Errno) {
            server = try MetricsServer(address)
        } catch {
            let advice =
                error == .addressInUse ? "somebody else listens there: choose another port" : "choose another address"
            throw CommandFailure("cannot listen on \(listen): \(error.name); \(advice)")
        }
        server.serve { (try? metrics()) ?? "" }
    }

    private func metrics() throws -> String {
        let mounts = try mountpoint.map { [try ServedMount.on($0)] } ?? ServedMount.all()
        return MetricsText(mounts.map { ($0.mount.mountpoint.string, try? $0.status()) }).text
    }
}
