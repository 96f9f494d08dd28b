import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_LOOKUP, FUSE_FORGET.
extension FolioFilesystem {
    package func lookup(_ request: LookupRequest) throws(Errno) -> Entry {
        if request.name.isDots { return try lookUpDots(request) }
        let parent = table[request.parent]
        do throws(Errno) {
            let entry = try lookUp(request.name, in: parent)
            lookups.found(in: request.parent)
            return entry
        } catch {
            let lifetime = error == .noSuchFileOrDirectory ? watcher?.absence(in: parent) ?? 0 : 0
            guard lifetime > 0 else { throw error }
            return Entry(node: nil, attributes: Attributes(stat(), timeout: 0), timeout: lifetime)
        }
    }

    package func forget(_ node: NodeID, count: UInt64) { table.forget(node, count: count) }

    /// Looks one name up in a directory of the source. No symbolic link is followed, so nothing leads out.
    func lookUp(_ name: EntryName, in parent: Inode) throws(Errno) -> Entry {
        guard !name.isDots else { throw .invalidArgument }
        guard !parent.filesystem.isBoundary else { throw .noSuchFileOrDirectory }
        return try parent.withPath { directory throws(Errno) in try lookUp(name, in: parent, directory) }
    }

    /// Looks one name, not "." or "..", up in a directory of the source that `directory` is a descriptor of.
    @inline(__always)
    func lookUp(_ name: EntryName, in parent: Inode, _ directory: Int32) throws(Errno) -> Entry {
        let found = try table.lookUp(name.pointer, in: parent, directory)
        return entry(found.inode, found.status, in: parent)
    }

    /// Looks "." or ".." up: how file handles of this mount (NFS, open_by_handle_at(2)) become inodes.
    ///
    /// - Throws: ESTALE where the node is none that the kernel knows, or is not beneath the source any more.
    private func lookUpDots(_ request: LookupRequest) throws(Errno) -> Entry {
        guard let inode = table.inode(ofUntrusted: request.parent) else { throw .staleNFSFileHandle }
        let found = request.name.pointer[1] == 0 ? inode : try table.parent(of: inode)
        let status = try found.status()
        table.hold(found, isLookup: true)
        return entry(found, status, in: found)
    }
}

extension EntryName {
    /// "." or "..".
    var isDots: Bool {
        pointer[0] == 0x2e && (pointer[1] == 0 || (pointer[1] == 0x2e && pointer[2] == 0))
    }
}
