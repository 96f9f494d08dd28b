import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_UNLINK, FUSE_RMDIR, FUSE_RENAME, FUSE_RENAME2. The kernel has checked permissions, sticky bits included.
extension FolioFilesystem {
    package func unlink(_ request: RemoveRequest) throws(Errno) {
        try table[request.parent].withDirectory { directory throws(Errno) in
            _ = try systemCall { unlinkat(directory, request.name.pointer, 0) }
        }
    }

    package func removeDirectory(_ request: RemoveRequest) throws(Errno) {
        try table[request.parent].withDirectory { directory throws(Errno) in
            _ = try systemCall { unlinkat(directory, request.name.pointer, AT_REMOVEDIR) }
        }
    }

    package func rename(_ request: RenameRequest) throws(Errno) {
        try table[request.parent].withDirectory { directory throws(Errno) in
            try table[request.newParent].withDirectory { newDirectory throws(Errno) in
                _ = try systemCall {
                    folio_rename(
                        directory, request.name.pointer, newDirectory, request.newName.pointer, request.flags)
                }
            }
        }
    }
}
