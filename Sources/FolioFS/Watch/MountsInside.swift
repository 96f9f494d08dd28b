import Glibc
import LinuxFacts
import SystemPackage

/// What is mounted inside the source: where a mount comes or goes a name leads elsewhere, and no directory has changed.
struct MountsInside {
    /// The mount table, to be polled for POLLPRI (proc_pid_mountinfo(5)); nil: /proc is not there.
    let descriptor: Int32?
    private let owner: DescriptorOwner?
    private let source: FilePath
    private var mounts: [String]

    init(_ source: FilePath) {
        self.source = source
        let opened = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        owner = opened >= 0 ? DescriptorOwner(opened) : nil
        descriptor = owner?.descriptor
        mounts = Self.read(source)
    }

    /// Whether they are others than when this was last asked.
    mutating func haveChanged() -> Bool {
        let now = Self.read(source)
        defer { mounts = now }
        return now != mounts
    }

    private static func read(_ source: FilePath) -> [String] {
        ((try? MountTable.read())?.mounts ?? []).filter { $0.mountpoint.starts(with: source) }
            .map { "\($0.device) \($0.mountpoint)" }
    }
}
