import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_GETATTR, FUSE_SETATTR, FUSE_READLINK, FUSE_STATFS.
extension FolioFilesystem {
    package func getAttributes(_ request: GetAttributesRequest) throws(Errno) -> Attributes {
        let inode = table[request.node]
        return attributes(try inode.status(), inode)
    }

    package func setAttributes(_ request: SetAttributesRequest) throws(Errno) -> Attributes {
        let inode = table[request.node]
        try changingSource(inode, content: request.which.contains(.size)) { () throws(Errno) in
            try inode.withPath { path throws(Errno) in
                try setOwner(request, path)
                try setMode(request, path, inode)
                try setSize(request, path)
                try setTimes(request, path)
            }
        }
        return attributes(try inode.status(), inode)
    }

    package func readLink(_ request: ReadLinkRequest) throws(Errno) -> [UInt8] {
        try table[request.node].withPath { path throws(Errno) in
            var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = try systemCall {
                target.withUnsafeMutableBytes { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        characters.baseAddress.map { readlinkat(path, "", $0, characters.count) } ?? -1
                    }
                }
            }
            return Array(target[..<count])
        }
    }

    package func statistics(_ request: StatisticsRequest) throws(Errno) -> FilesystemStatistics {
        try table[request.node].withPath { path throws(Errno) in
            var statistics = statvfs()
            _ = try systemCall { fstatvfs(path, &statistics) }
            return statistics
        }
    }

    private func setOwner(_ request: SetAttributesRequest, _ path: Int32) throws(Errno) {
        // Nothing at all is what remains of a chown(2) to (-1, -1), which sets the time of change and clears set-id bits.
        let known: SettableAttributes = [
            .mode, .size, .accessTime, .accessTimeNow, .modificationTime, .modificationTimeNow,
        ]
        guard !request.which.isDisjoint(with: [.user, .group]) || request.which.isDisjoint(with: known) else { return }
        let user = request.which.contains(.user) ? request.values.status.st_uid : uid_t.max
        let group = request.which.contains(.group) ? request.values.status.st_gid : gid_t.max
        _ = try systemCall { fchownat(path, "", user, group, SourceFlags.emptyPath | AT_SYMLINK_NOFOLLOW) }
    }

    private func setMode(_ request: SetAttributesRequest, _ path: Int32, _ inode: Inode) throws(Errno) {
        guard request.which.contains(.mode) else { return }
        guard inode.type != S_IFLNK else { throw .notSupportedOnSocket }
        try ProcessFiles.withPath(path) { name throws(Errno) in
            _ = try systemCall { chmod(name, request.values.status.st_mode & 0o7777) }
        }
    }

    private func setSize(_ request: SetAttributesRequest, _ path: Int32) throws(Errno) {
        guard request.which.contains(.size) else { return }
        if let handle = request.handle, case let file = try OpenFile.of(handle), file.isWritable {
            _ = try systemCall { ftruncate(file.descriptor, request.values.status.st_size) }
        } else {
            try ProcessFiles.withPath(path) { name throws(Errno) in
                _ = try systemCall { truncate(name, request.values.status.st_size) }
            }
        }
    }

    private func setTimes(_ request: SetAttributesRequest, _ path: Int32) throws(Errno) {
        let which = request.which
        let omit = timespec(tv_sec: 0, tv_nsec: 0x3fff_fffe)
        let now = timespec(tv_sec: 0, tv_nsec: 0x3fff_ffff)
        let access =
            which.contains(.accessTimeNow) ? now : which.contains(.accessTime) ? request.values.status.st_atim : omit
        let modification =
            which.contains(.modificationTimeNow)
            ? now : which.contains(.modificationTime) ? request.values.status.st_mtim : omit
        guard access.tv_nsec != omit.tv_nsec || modification.tv_nsec != omit.tv_nsec else { return }
        _ = try systemCall {
            withUnsafeBytes(of: (access, modification)) { times in
                utimensat(
                    path, "", times.baseAddress?.assumingMemoryBound(to: timespec.self),
                    SourceFlags.emptyPath | AT_SYMLINK_NOFOLLOW)
            }
        }
    }
}
