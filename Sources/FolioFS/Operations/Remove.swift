import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_UNLINK, FUSE_RMDIR, FUSE_RENAME, FUSE_RENAME2. The kernel has checked permissions, sticky bits included.
extension FolioFilesystem {
    package func unlink(_ request: RemoveRequest) throws(Errno) { try remove(request, 0) }

    package func removeDirectory(_ request: RemoveRequest) throws(Errno) { try remove(request, AT_REMOVEDIR) }

    package func rename(_ request: RenameRequest) throws(Errno) {
        let (parent, newParent) = (table[request.parent], table[request.newParent])
        try parent.withDirectory { directory throws(Errno) in
            try newParent.withDirectory { newDirectory throws(Errno) in
                let old = InodeTable.OpenName(parent: parent, directory: directory, name: request.name.pointer)
                let new = InodeTable.OpenName(
                    parent: newParent, directory: newDirectory, name: request.newName.pointer)
                let exchanges = request.flags & SourceFlags.exchange != 0
                try table.renaming(old, to: new, exchanges: exchanges) { () throws(Errno) in
                    func rename() throws(Errno) {
                        _ = try systemCall { folio_rename(directory, old.name, newDirectory, new.name, request.flags) }
                    }
                    // A whiteout is something new, and belongs to whom asks.
                    let leavesWhiteout = request.flags & SourceFlags.whiteout != 0
                    try once { () throws(Errno) in
                        guard exchanges else { return (0, 0, 0, 0) }
                        return (number(directory, old.name), number(newDirectory, new.name), 0, 0)
                    } wasDone: { earlier throws(Errno) in
                        guard !exchanges else {
                            return number(directory, old.name) == earlier.values.1
                                && number(newDirectory, new.name) == earlier.values.0
                        }
                        return wasTaken(directory, old.name, leavesWhiteout: leavesWhiteout, since: earlier)
                    } change: { () throws(Errno) in
                        guard leavesWhiteout else { return try rename() }
                        try identity.creating(request.caller) { () throws(Errno) in try rename() }
                    }
                }
            }
        }
    }

    private func remove(_ request: RemoveRequest, _ flags: Int32) throws(Errno) {
        let parent = table[request.parent]
        try parent.withDirectory { directory throws(Errno) in
            let name = InodeTable.OpenName(parent: parent, directory: directory, name: request.name.pointer)
            try table.removing(name, isDirectory: flags == AT_REMOVEDIR) { () throws(Errno) in
                try once { earlier throws(Errno) in
                    wasTaken(directory, name.name, since: earlier)
                } change: { () throws(Errno) in
                    _ = try systemCall { unlinkat(directory, name.name, flags) }
                }
            }
        }
    }
}
