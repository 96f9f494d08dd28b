import LinuxFacts
import SystemPackage

/// What the calling process may do, as far as mounting asks for it.
struct Privileges {
    /// Whether CAP_SYS_ADMIN is effective.
    let administrator: Bool
    /// Whether the process is in the initial user namespace, where the kernel asks for that capability.
    let initialNamespace: Bool

    /// The caller's own.
    static func read() -> Privileges {
        parse(
            status: (try? TextFile.read("/proc/self/status")) ?? "",
            userMap: (try? TextFile.read("/proc/self/uid_map")) ?? "")
    }

    /// From the texts of /proc/PID/status and /proc/PID/uid_map.
    static func parse(status: String, userMap: String) -> Privileges {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let mask = line.flatMap { UInt64($0.dropFirst("CapEff:".count).filter(\.isHexDigit), radix: 16) } ?? 0
        let map = userMap.split(whereSeparator: \.isWhitespace)
        // CAP_SYS_ADMIN is bit 21 (linux/capability.h).
        return Privileges(
            administrator: mask & 1 << 21 != 0, initialNamespace: map == ["0", "0", "4294967295"])
    }
}
