import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_OPENDIR, FUSE_READDIR, FUSE_READDIRPLUS, FUSE_RELEASEDIR, FUSE_FSYNCDIR.
extension FolioFilesystem {
    package func openDirectory(_ request: OpenRequest) throws(Errno) -> OpenReply {
        let inode = table[request.node]
        var reply = OpenReply(handle: try OpenDirectory(inode).handle(records))
        // The kernel keeps the listing as long as it is told of changes; its own it notices (Linux 6.18 fs/fuse/readdir.c).
        if let watcher, watcher.lifetimes(inode, stat(), in: nil).attributes == Lifetimes.long.attributes {
            reply.flags = [.cacheDirectory, .keepCache]
        }
        return reply
    }

    package func readDirectory(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno) {
        try OpenDirectory.of(request.handle, records).read(from: request.offset) { entry throws(Errno) in
            buffer.add(name: EntryName(entry.name), inode: entry.inode, type: entry.type, next: entry.next)
        }
    }

    package func readDirectoryPlus(_ request: ReadDirectoryRequest, into buffer: inout DirectoryBuffer) throws(Errno) {
        let parent = table[request.node]
        let directory = try OpenDirectory.of(request.handle, records)
        // At the first read of an open; the kernel asks for names alone later, unless attributes turn out to be wanted.
        let known = request.offset == 0 ? lookups.take(request.node) : 0
        if known > 0, try directory.entriesAhead() <= known * 2 {
            // What has been looked up one by one just now need not be told again.
            return try directory.read(from: 0) { entry throws(Errno) in
                buffer.add(name: EntryName(entry.name), entry: Self.bare(entry), next: entry.next)
            }
        }
        try parent.withPath { path throws(Errno) in
            try readDirectoryPlus(directory, request.offset, parent, path, into: &buffer)
        }
    }

    /// An entry of which only number and type are told: nothing is looked up.
    private static func bare(_ entry: OpenDirectory.Entry) -> Entry {
        var status = stat()
        status.st_ino = ino_t(entry.inode)
        status.st_mode = mode_t(entry.type) << 12
        return Entry(node: nil, attributes: Attributes(status, timeout: 0), timeout: 0)
    }

    private func readDirectoryPlus(
        _ directory: OpenDirectory, _ offset: Int64, _ parent: Inode, _ path: Int32,
        into buffer: inout DirectoryBuffer
    ) throws(Errno) {
        try directory.read(from: offset) { entry throws(Errno) in
            let name = EntryName(entry.name)
            guard buffer.fits(name), table.nodes?.canGrant ?? true else { return false }
            if !name.isDots, let found = try? lookUp(name, in: parent, path) {
                guard buffer.add(name: name, entry: found, next: entry.next) else {
                    if let node = found.node { table.forget(node, count: 1) }
                    return false
                }
                return true
            }
            // "." and "..", and what has vanished since.
            return buffer.add(name: name, entry: Self.bare(entry), next: entry.next)
        }
    }

    package func releaseDirectory(_ request: ReleaseRequest) { OpenDirectory.release(request.handle, records) }

    package func synchronizeDirectory(_ request: SynchronizeRequest) throws(Errno) {
        let directory = try OpenDirectory.of(request.handle, records)
        try directory.withDescriptor { descriptor throws(Errno) in
            _ = try systemCall { request.dataOnly ? fdatasync(descriptor) : fsync(descriptor) }
        }
    }
}
