import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_OPENDIR, FUSE_READDIR, FUSE_READDIRPLUS, FUSE_RELEASEDIR, FUSE_FSYNCDIR.
extension FolioFilesystem {
    package func openDirectory(_ request: OpenRequest) throws(Errno) -> OpenReply {
        let inode = table[request.node]
        var reply = OpenReply(handle: try OpenDirectory(inode).handle)
        // The kernel keeps the listing as long as it is told of changes; its own it notices (Linux 6.18 fs/fuse/readdir.c).
        if let watcher, watcher.lifetimes(inode, stat(), in: nil).attributes == Lifetimes.long.attributes {
            reply.flags = [.cacheDirectory, .keepCache]
        }
        return reply
    }

    package func readDirectory(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno) {
        try OpenDirectory.of(request.handle).read(from: request.offset) { entry throws(Errno) in
            buffer.add(name: EntryName(entry.name), inode: entry.inode, type: entry.type, next: entry.next)
        }
    }

    package func readDirectoryPlus(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno) {
        let parent = table[request.node]
        try parent.withPath { path throws(Errno) in
            try readDirectoryPlus(request, parent, path, into: &buffer)
        }
    }

    private func readDirectoryPlus(
        _ request: ReadDirectoryRequest, _ parent: Inode, _ path: Int32, into buffer: inout DirectoryBuffer
    ) throws(Errno) {
        try OpenDirectory.of(request.handle).read(from: request.offset) { entry throws(Errno) in
            let name = EntryName(entry.name)
            guard buffer.fits(name) else { return false }
            if !name.isDots, let found = try? lookUp(name, in: parent, path) {
                guard buffer.add(name: name, entry: found, next: entry.next) else {
                    if let node = found.node { table.forget(node, count: 1) }
                    return false
                }
                return true
            }
            // "." and "..", and what has vanished since: a number and a type, nothing looked up.
            var status = stat()
            status.st_ino = ino_t(entry.inode)
            status.st_mode = mode_t(entry.type) << 12
            let bare = Entry(node: nil, attributes: Attributes(status, timeout: 0), timeout: 0)
            return buffer.add(name: name, entry: bare, next: entry.next)
        }
    }

    package func releaseDirectory(_ request: ReleaseRequest) { OpenDirectory.release(request.handle) }

    package func synchronizeDirectory(_ request: SynchronizeRequest) throws(Errno) {
        let directory = try OpenDirectory.of(request.handle)
        try directory.withDescriptor { descriptor throws(Errno) in
            _ = try systemCall { request.dataOnly ? fdatasync(descriptor) : fsync(descriptor) }
        }
    }
}
