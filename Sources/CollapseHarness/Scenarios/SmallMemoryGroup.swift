import Glibc
import LinuxFacts
import SystemPackage

/// A memory control group with room for no PMD folio, which this process enters for the length of a call.
///
/// A group of a process that is gone is removed by the next one to be made.
final class SmallMemoryGroup {
    private static let prefix = "foliofs-verify-"
    private let directory: FilePath
    private let home: FilePath

    /// - Parameter size: bytes that are too many for it.
    /// - Throws: `Unavailable` where there is no memory controller, or it cannot be used.
    init(tooSmallFor size: Int, in workspace: FilePath) throws {
        let (top, home, limit) = try Self.hierarchy(workspace)
        self.home = home
        directory = top.appending("\(Self.prefix)\(getpid())")
        Self.removeStale(top)
        do throws(Errno) {
            _ = try systemCall { directory.withPlatformString { mkdir($0, 0o755) } }
            try MachineSettings.write("\(size / 2)", directory.appending(limit))
        } catch {
            throw Unavailable(reason: "cannot make a memory control group: \(error.name)")
        }
    }

    deinit {
        try? leave()
        // The group is busy until the kernel has let go of the process.
        for _ in 0..<100 where directory.withPlatformString({ rmdir($0) }) != 0 && errno == EBUSY { usleep(2_000) }
    }

    /// Moves this process into it.
    func enter() throws(Errno) { try MachineSettings.write("\(getpid())", directory.appending("cgroup.procs")) }

    /// Moves this process back to where it was.
    func leave() throws(Errno) { try MachineSettings.write("\(getpid())", home.appending("cgroup.procs")) }

    /// Where groups are made, the group that this process is in, and the name of the file of the limit.
    private static func hierarchy(_ workspace: FilePath) throws -> (FilePath, FilePath, String) {
        if let own = MemoryControlGroup.own, own.version == .one {
            return (own.directory, own.directory, "memory.limit_in_bytes")
        }
        let top = workspace.appending("control-groups")
        _ = top.withPlatformString { mkdir($0, 0o755) }
        if access(top.appending("cgroup.procs").string, F_OK) != 0 {
            do throws(Errno) {
                try Workspace.mount("cgroup2", on: top, type: "cgroup2", options: "")
            } catch {
                throw Unavailable(reason: "cannot mount cgroup2: \(error.name)")
            }
        }
        try? MachineSettings.write("+memory", top.appending("cgroup.subtree_control"))
        let controllers = (try? TextFile.read(top.appending("cgroup.subtree_control"))) ?? ""
        guard controllers.split(whereSeparator: \.isWhitespace).contains("memory") else {
            throw Unavailable(reason: "no memory controller can be used here")
        }
        let groups = (try? TextFile.read("/proc/self/cgroup")) ?? ""
        let own = groups.split(separator: "\n").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(4)) } ?? ""
        return (top, own.isEmpty ? top : top.pushing(FilePath(own)), "memory.max")
    }

    private static func removeStale(_ top: FilePath) {
        guard let listing = top.withPlatformString({ opendir($0) }) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = String(cString: UnsafeRawPointer(entry).advanced(by: 19).assumingMemoryBound(to: CChar.self))
            guard name.hasPrefix(prefix), let process = Int32(name.dropFirst(prefix.count)), process > 0,
                kill(process, 0) == -1, errno == ESRCH
            else { continue }
            _ = top.appending(name).withPlatformString { rmdir($0) }
        }
    }
}
