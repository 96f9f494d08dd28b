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
        return try parent.withPath { directory throws(Errno) in
            var status = stat()
            _ = try systemCall { fstatat(directory, name.pointer, &status, AT_SYMLINK_NOFOLLOW) }
            if let known = table.lookUpKnown(FileIdentity(status)) { return entry(known, status) }
            let path = try systemCall {
                openat(directory, name.pointer, SourceFlags.pathOnly | SourceFlags.noFollow | O_CLOEXEC)
            }
            return try entry(path: path)
        }
    }

    /// The entry of an O_PATH descriptor, which the table then owns.
    func entry(path: Int32) throws(Errno) -> Entry {
        var status = stat()
        do throws(Errno) {
            _ = try systemCall { fstatat(path, "", &status, SourceFlags.emptyPath) }
        } catch {
            close(path)
            throw error
        }
        return entry(table.lookUp(path: path, status), status)
    }
}

extension EntryName {
    /// "." or "..", which the server never resolves.
    var isDots: Bool {
        pointer[0] == 0x2e && (pointer[1] == 0 || (pointer[1] == 0x2e && pointer[2] == 0))
    }
}
