import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_LOOKUP, FUSE_FORGET.
extension FolioFilesystem {
    package func lookup(_ request: LookupRequest) throws(Errno) -> Entry {
        try lookUp(request.name, in: table[request.parent])
    }

    package func forget(_ node: NodeID, count: UInt64) { table.forget(node, count: count) }

    /// Looks one name up in a directory of the source. No symbolic link is followed, so nothing leads out.
    func lookUp(_ name: EntryName, in parent: Inode) throws(Errno) -> Entry {
        guard !name.isDots else { throw .invalidArgument }
        guard !parent.filesystem.isBoundary else { throw .noSuchFileOrDirectory }
        return try parent.withPath { directory throws(Errno) in
            let found = try table.lookUp(name.pointer, in: parent, directory)
            return entry(found.inode, found.status)
        }
    }
}

extension EntryName {
    /// "." or "..", which the server never resolves.
    var isDots: Bool {
        pointer[0] == 0x2e && (pointer[1] == 0 || (pointer[1] == 0x2e && pointer[2] == 0))
    }
}
