import Glibc
package import SystemPackage

/// The control group (cgroups(7)) by which a process's memory is limited.
package struct MemoryControlGroup: Hashable, Sendable {
    /// Which of the two interfaces it has.
    package enum Version: Sendable {
        /// memory.limit_in_bytes, memory.usage_in_bytes, memory.pressure_level.
        case one
        /// memory.max, memory.high, memory.current, memory.events, memory.pressure.
        case two
    }

    /// One group on the way to the root that has a limit, in bytes.
    package struct Level: Hashable, Sendable {
        /// Its directory.
        package var directory: FilePath
        /// What it may take: the least of its limits.
        package var limit: Int
        /// What it takes, page cache included.
        package var usage: Int
        /// Page cache of files (not of tmpfs) that has not been used lately.
        package var inactiveFile: Int
        /// Page cache of files that has.
        package var activeFile: Int
    }

    /// Which interface it has.
    package let version: Version
    /// Its directory.
    package let directory: FilePath
    /// Where the hierarchy is mounted.
    private let top: FilePath

    /// The calling process's own; nil: none, or its hierarchy is mounted nowhere here.
    package static let own = MemoryControlGroup(
        groups: (try? TextFile.read("/proc/self/cgroup")) ?? "", (try? MountTable.read())?.mounts ?? [])

    /// - Parameter groups: text of /proc/PID/cgroup.
    package init?(groups: String, _ mounts: [Mount]) {
        let lines = groups.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 2) }
        func path(_ isWanted: (Substring) -> Bool) -> String? {
            // An empty list of controllers is left out by split: version 2's line is `0::/path`.
            lines.first { $0.count == 3 && $0[1].split(separator: ",").contains(where: isWanted) }.map { String($0[2]) }
        }
        let version2 = groups.split(separator: "\n").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
        let candidates: [(Version, String?, Mount?)] = [
            (.one, path { $0 == "memory" }, mounts.last { $0.type == "cgroup" && $0.superOptions["memory"] != nil }),
            (.two, version2, mounts.last { $0.type == "cgroup2" }),
        ]
        for (version, path, mount) in candidates {
            guard let path, let mount else { continue }
            // A container sees a part of the hierarchy only.
            let root = mount.root.string == "/" ? "" : mount.root.string
            guard path.hasPrefix(root) else { continue }
            let directory = FilePath(mount.mountpoint.string + path.dropFirst(root.count))
            let probe = version == .one ? "memory.usage_in_bytes" : "memory.current"
            guard directory.appending(probe).withPlatformString({ access($0, R_OK) }) == 0 else { continue }
            self.version = version
            self.directory = directory
            top = mount.mountpoint
            return
        }
        return nil
    }

    /// The groups from this one up that have a limit.
    package func levels() -> [Level] {
        var levels: [Level] = []
        var directory = directory
        while true {
            if let level = level(directory) { levels.append(level) }
            guard directory != top, directory.removeLastComponent(), directory.string.hasPrefix(top.string) else {
                return levels
            }
        }
    }

    private func level(_ directory: FilePath) -> Level? {
        func number(_ name: String) -> Int? {
            (try? TextFile.read(directory.appending(name))).flatMap { text in
                Int(text.prefix { $0 != "\n" })
            }
        }
        let limits = version == .one ? ["memory.limit_in_bytes"] : ["memory.max", "memory.high"]
        // "max", and version 1's largest number of pages, are no limit.
        guard let limit = limits.compactMap(number).filter({ $0 < 1 << 60 }).min(),
            let usage = number(version == .one ? "memory.usage_in_bytes" : "memory.current")
        else { return nil }
        let statistics = (try? TextFile.read(directory.appending("memory.stat"))) ?? ""
        let prefix = version == .one ? "total_" : ""
        func statistic(_ name: String) -> Int {
            statistics.split(separator: "\n").first { $0.hasPrefix(prefix + name + " ") }?
                .split(separator: " ").last.flatMap { Int($0) } ?? 0
        }
        return Level(
            directory: directory, limit: limit, usage: usage, inactiveFile: statistic("inactive_file"),
            activeFile: statistic("active_file"))
    }
}
