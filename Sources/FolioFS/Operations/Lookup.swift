import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_LOOKUP, FUSE_FORGET.
extension FolioFilesystem {
    package func lookup(_ request: LookupRequest) throws(Errno) -> Entry {
        let parent = table[request.parent]
        do throws(Errno) {
            return try lookUp(request.name, in: parent)
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
        return try parent.withPath { directory throws(Errno) in
            let found = try table.lookUp(name.pointer, in: parent, directory)
            return entry(found.inode, found.status, in: parent)
        }
    }
}

extension EntryName {
    /// "." or "..", which the server never resolves.
    var isDots: Bool {
        pointer[0] == 0x2e && (pointer[1] == 0 || (pointer[1] == 0x2e && pointer[2] == 0))
    }
}
