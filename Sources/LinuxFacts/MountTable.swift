package import SystemPackage

/// The mounts a process sees, in the order of /proc/PID/mountinfo.
package struct MountTable: Hashable, Sendable {
    /// The mounts.
    package var mounts: [Mount]

    /// A table of these mounts.
    package init(_ mounts: [Mount]) {
        self.mounts = mounts
    }

    /// The text of a mountinfo file; lines that are not understood are left out.
    package static func parse(_ text: String) -> MountTable {
        parse(Array(text.utf8))
    }

    /// The bytes of a mountinfo file; lines that are not understood are left out.
    package static func parse(_ bytes: [UInt8]) -> MountTable {
        MountTable(bytes.split(separator: UInt8(ascii: "\n")).compactMap { Mount.parse($0) })
    }

    /// The mounts that a process sees; nil: the caller.
    /// - Throws: what open(2) says of /proc/PID/mountinfo.
    package static func read(process: Int32? = nil) throws(LinuxError) -> MountTable {
        let path = FilePath("/proc/\(process.map(String.init) ?? "self")/mountinfo")
        do {
            return parse(try TextFile.bytes(path))
        } catch {
            throw LinuxError("read the mounts in", path, error, advice: "/proc must be mounted")
        }
    }

    /// The mount with this id.
    package func mount(id: Int) -> Mount? {
        mounts.first { $0.id == id }
    }

    /// The mount that holds a path, which is absolute and without symbolic links.
    ///
    /// From the root mount down, as a path walk goes, so that what is mounted over is never found.
    package func mount(containing path: FilePath) -> Mount? {
        let path = path.lexicallyNormalized()
        let known = Set(mounts.map(\.id))
        var found = mounts.first {
            path.starts(with: $0.mountpoint) && ($0.parentID == $0.id || !known.contains($0.parentID))
        }
        var passed: Set<Int> = []
        while let mount = found, passed.insert(mount.id).inserted {
            let standing = mounts.filter {
                $0.parentID == mount.id && $0.id != mount.id && path.starts(with: $0.mountpoint)
            }
            // The shallowest is met first; what stands there on top of it is its child.
            guard let next = standing.min(by: { $0.mountpoint.components.count < $1.mountpoint.components.count })
            else { return mount }
            found = next
        }
        return found
    }
}
