import Glibc
import SystemPackage

/// The service manager that has started a server in the foreground: it waits to hear that the mount answers, and may want to
/// hear from then on that it still does.
///
/// The protocol is sd_notify(3)'s: a datagram of lines to the socket that NOTIFY_SOCKET names.
struct ServiceManager: Sendable {
    private let socket: String
    /// How often at least it wants to hear from the server, in milliseconds; nil: it does not.
    let interval: Int?

    /// The one that the environment names; nil: none.
    ///
    /// - Parameter environment: the value of a variable, nil where it is not set.
    init?(environment: (String) -> String?, process: pid_t = getpid()) {
        guard let socket = environment("NOTIFY_SOCKET"), socket.hasPrefix("/") || socket.hasPrefix("@") else {
            return nil
        }
        self.socket = socket
        // The variables may have been meant for whoever started this process (sd_watchdog_enabled(3)).
        let isMeant = environment("WATCHDOG_PID").map { $0 == String(process) } ?? true
        interval =
            isMeant ? environment("WATCHDOG_USEC").flatMap { Int($0) }.flatMap { $0 >= 1000 ? $0 / 1000 : nil } : nil
    }

    /// The one of this process.
    static var own: ServiceManager? { ServiceManager { getenv($0).map { String(cString: $0) } } }

    /// Has no child of this process speak for the mount.
    static func keepFromChildren() {
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { unsetenv(name) }
    }

    /// Tells that the mount answers.
    func tellReady(_ mountpoint: FilePath) { tell("READY=1\nSTATUS=Serving \(mountpoint)") }

    /// Tells that the mount still answers, where that is wanted.
    func tellAlive() {
        if interval != nil { tell("WATCHDOG=1") }
    }

    /// Sends one datagram; that nobody listens is no reason to stop serving.
    private func tell(_ state: String) {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A name that begins with @ is one without a file (unix(7)).
        let name = Array(socket.hasPrefix("@") ? [0] + socket.utf8.dropFirst() : Array(socket.utf8))
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(state.utf8)
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
