import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_SETXATTR, FUSE_GETXATTR, FUSE_LISTXATTR, FUSE_REMOVEXATTR: every namespace, POSIX ACLs included.
extension FolioFilesystem {
    package func setExtendedAttribute(
        _ request: SetExtendedAttributeRequest, _ value: UnsafeRawBufferPointer
    ) throws(Errno) {
        try changing(request.node) { name throws(Errno) in
            _ = try systemCall { setxattr(name, request.name.pointer, value.baseAddress, value.count, request.flags) }
        }
    }

    package func getExtendedAttribute(
        _ request: ExtendedAttributeRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        try table[request.node].withPath { path throws(Errno) in
            try ProcessFiles.withPath(path) { name throws(Errno) in
                try systemCall { getxattr(name, request.name.pointer, buffer.baseAddress, buffer.count) }
            }
        }
    }

    package func listExtendedAttributes(
        _ request: ListExtendedAttributesRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        try table[request.node].withPath { path throws(Errno) in
            try ProcessFiles.withPath(path) { name throws(Errno) in
                try systemCall {
                    listxattr(name, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
                }
            }
        }
    }

    package func removeExtendedAttribute(_ request: ExtendedAttributeRequest) throws(Errno) {
        try changing(request.node) { name throws(Errno) in
            _ = try systemCall { removexattr(name, request.name.pointer) }
        }
    }

    private func changing(
        _ node: NodeID, _ body: (UnsafePointer<CChar>) throws(Errno) -> Void
    ) throws(Errno) {
        let inode = table[node]
        try changingSource(inode, content: false) { () throws(Errno) in
            try inode.withPath { path throws(Errno) in
                try ProcessFiles.withPath(path, body)
            }
        }
    }
}
