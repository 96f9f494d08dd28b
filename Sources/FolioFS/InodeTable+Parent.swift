import Glibc
import LinuxFacts
import SystemPackage

/// From a directory to the one that it is in.
extension InodeTable {
    /// The directory that a directory is in, the root for the root; nothing is counted, and it is known for as long as the
    /// kernel knows it.
    ///
    /// - Throws: ESTALE where it is not beneath the root any more.
    func parent(of inode: Inode) throws(Errno) -> Inode {
        guard inode !== root else { return root }
        if !inode.isKeptByHandle {
            guard case .named(let name)? = inode.currentPlace else { throw .staleNFSFileHandle }
            return name.parent
        }
        return try inode.withPath { path throws(Errno) in
            let up = try above(path)
            let status = try SourceStatus(up.descriptor)
            try requireBeneathRoot(up, status)
            let found = try lookUp(up.descriptor, parent: nil, name: nil).inode
            defer { forget(found, count: 1) }
            return found
        }
    }

    private func above(_ path: Int32) throws(Errno) -> DescriptorOwner {
        let flags = SourceFlags.pathOnly | SourceFlags.directory | O_CLOEXEC
        return DescriptorOwner(try budget.open { openat(path, "..", flags) })
    }

    private func requireBeneathRoot(_ start: DescriptorOwner, _ status: SourceStatus) throws(Errno) {
        var (path, status) = (start, status)
        while !root.filesystem.holds(status) || status.number != root.number {
            let next = try above(path.descriptor)
            let nextStatus = try SourceStatus(next.descriptor)
            guard nextStatus.number != status.number || nextStatus.mount != status.mount else {
                throw .staleNFSFileHandle
            }
            (path, status) = (next, nextStatus)
        }
    }
}
