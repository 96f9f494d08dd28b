import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_GETATTR, FUSE_STATX, FUSE_SETATTR, FUSE_READLINK, FUSE_STATFS, FUSE_SYNCFS.
extension FolioFilesystem {
    package func getAttributes(_ request: GetAttributesRequest) throws(Errno) -> Attributes {
        try attributes(of: table[request.node])
    }

    package func getExtendedStatus(_ request: GetAttributesRequest) throws(Errno) -> ExtendedStatus {
        let inode = table[request.node]
        return try inode.withPath { path throws(Errno) in
            let attributes = try attributes(of: inode) { () throws(Errno) in try SourceStatus(path).status }
            var extended = folio_statx()
            _ = try systemCall {
                folio_statx(path, "", SourceFlags.emptyPath, UInt32(FOLIO_STATX_BTIME), &extended)
            }
            let known = extended.mask & UInt32(FOLIO_STATX_BTIME) != 0
            let birth = timespec(tv_sec: Int(extended.birth.seconds), tv_nsec: Int(extended.birth.nanoseconds))
            return ExtendedStatus(attributes, birth: known ? birth : nil)
        }
    }

    package func setAttributes(_ request: SetAttributesRequest) throws(Errno) -> Attributes {
        let inode = table[request.node]
        try changingSource(inode, content: request.which.contains(.size)) { () throws(Errno) in
            try inode.withPath { path throws(Errno) in
                if request.which.isEmpty { return try setNothing(request, path, inode) }
                try setOwner(request, path, try demandOwner(request, path))
                try setMode(request, path, inode)
                try setSize(request, path)
                try setTimes(request, path)
            }
        }
        return try attributes(of: inode)
    }

    package func readLink(_ request: ReadLinkRequest) throws(Errno) -> [UInt8] {
        try table[request.node].withPath { path throws(Errno) in
            var failure: Errno?
            let target = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { bytes, count in
                count = bytes.withMemoryRebound(to: CChar.self) { characters in
                    characters.baseAddress.map { readlinkat(path, "", $0, characters.count) } ?? 0
                }
                if count < 0 { (count, failure) = (0, Errno(rawValue: errno)) }
            }
            if let failure { throw failure }
            return target
        }
    }

    package func statistics(_ request: StatisticsRequest) throws(Errno) -> FilesystemStatistics {
        try table[request.node].withPath { path throws(Errno) in
            var statistics = statvfs()
            _ = try systemCall { fstatvfs(path, &statistics) }
            return statistics
        }
    }

    package func synchronizeFilesystem(_ request: SynchronizeFilesystemRequest) throws(Errno) {
        let directory = DescriptorOwner(try table[request.node].open(O_RDONLY | SourceFlags.directory))
        _ = try systemCall { folio_synchronize_filesystem(directory.descriptor) }
    }

    /// chown(2) that names nobody, or a write that clears set-id bits: both clear them and touch the time of change.
    ///
    /// The request is the same for both: it is a write where somebody has the file open for that. Only the owner may have
    /// the former, whoever may write the latter.
    private func setNothing(_ request: SetAttributesRequest, _ path: Int32, _ inode: Inode) throws(Errno) {
        let removed = capabilityRemovals.withLock { $0.removeValue(forKey: request.caller.process) }
        // Root's write has cleared the capabilities, and set-id bits stay for root.
        if request.caller.user == 0, removed == request.node { return }
        guard inode.serving.withLockIfPresent({ $0.writers > 0 }) == true else {
            return try identity.owningNothing(path, request.caller)
        }
        let status = try SourceStatus(path).status
        _ = try systemCall { fchownat(path, "", uid_t.max, gid_t.max, SourceFlags.emptyPath | AT_SYMLINK_NOFOLLOW) }
        guard dropsGroupID(status, request.caller) else { return }
        try changeMode(path, status.st_mode & ~(S_ISUID | S_ISGID))
    }

    /// Whether set-group-id goes though the group may not execute: it stays for who is in the group (Linux 6.18 fs/attr.c
    /// setattr_should_drop_sgid(), read), and the server is root.
    private func dropsGroupID(_ status: stat, _ caller: Caller) -> Bool {
        status.st_mode & S_IFMT != S_IFDIR && status.st_mode & (S_ISGID | 0o010) == S_ISGID
            && !isMember(caller, status.st_gid)
    }

    /// Whether the caller is root or in a group.
    private func isMember(_ caller: Caller, _ group: gid_t) -> Bool {
        caller.user == 0 || caller.group == group || caller.supplementaryGroups.contains(group)
    }

    /// Refuses a change that is the owner's to make to who is not.
    ///
    /// The kernel asks too, but of the owner that it knew last: a chown(2) on the source, or by a name that leads to another node
    /// of the same file, reaches it with the next answer only (Linux 6.18 fs/fuse/dir.c fuse_do_setattr(), read).
    /// - Returns: the file's status where it was asked for, as it is for each change of owner by who is not root.
    /// - Throws: EPERM.
    private func demandOwner(_ request: SetAttributesRequest, _ path: Int32) throws(Errno) -> stat? {
        let (which, caller) = (request.which, request.caller)
        let setsTime =
            which.contains(.accessTime) && !which.contains(.accessTimeNow)
            || which.contains(.modificationTime) && !which.contains(.modificationTimeNow)
        let setsOwner = !which.isDisjoint(with: [.user, .group])
        let isRoot = ThreadIdentity.ownUser == 0
        guard caller.user != 0, setsOwner || isRoot && (setsTime || which.contains(.mode)) else { return nil }
        let status = try SourceStatus(path).status
        guard isRoot, status.st_uid != caller.user else { return status }
        // CAP_CHOWN and CAP_FOWNER of linux/capability.h.
        if setsOwner, !caller.has(capability: 0) { throw .notPermitted }
        // A kernel that leaves set-id bits to itself takes them away on behalf of who writes.
        let clearsBits =
            which.contains(.mode)
            && request.values.status.st_mode & 0o7777 == status.st_mode & 0o7777 & ~(S_ISUID | S_ISGID)
        if setsTime || which.contains(.mode) && !clearsBits, !caller.has(capability: 3) { throw .notPermitted }
        return status
    }

    private func setOwner(_ request: SetAttributesRequest, _ path: Int32, _ before: stat?) throws(Errno) {
        guard !request.which.isDisjoint(with: [.user, .group]) else { return }
        let user = request.which.contains(.user) ? request.values.status.st_uid : uid_t.max
        let group = request.which.contains(.group) ? request.values.status.st_gid : gid_t.max
        let mode = before.flatMap { dropsGroupID($0, request.caller) ? $0.st_mode : nil }
        // Before the change, so that one that is made again after the end of a server comes to the same.
        if let mode { try changeMode(path, mode & ~(S_ISUID | S_ISGID)) }
        do throws(Errno) {
            _ = try systemCall { fchownat(path, "", user, group, SourceFlags.emptyPath | AT_SYMLINK_NOFOLLOW) }
        } catch {
            if let mode { try changeMode(path, mode) }
            throw error
        }
    }

    private func setMode(_ request: SetAttributesRequest, _ path: Int32, _ inode: Inode) throws(Errno) {
        guard request.which.contains(.mode) else { return }
        guard inode.type != S_IFLNK else { throw .notSupportedOnSocket }
        try changeMode(path, request.values.status.st_mode)
    }

    /// chmod(2) of an O_PATH descriptor.
    func changeMode(_ path: Int32, _ mode: mode_t) throws(Errno) {
        do throws(Errno) {
            _ = try systemCall { folio_change_mode(path, mode & 0o7777) }
        } catch {
            guard error == .noFunction else { throw error }
            try ProcessFiles.withPath(path) { name throws(Errno) in
                _ = try systemCall { chmod(name, mode & 0o7777) }
            }
        }
    }

    private func setSize(_ request: SetAttributesRequest, _ path: Int32) throws(Errno) {
        guard request.which.contains(.size) else { return }
        let size = request.values.status.st_size
        if let handle = request.handle, case let file = try OpenFile.of(handle, records), file.isWritable {
            return try truncate(
                file.descriptor, size, killsPrivileges: request.which.contains(.killPrivileges), request.caller)
        }
        // By name, as the caller did: some filesystems then leave the times of what has that size already.
        func truncateByName() throws(Errno) {
            try ProcessFiles.withPath(path) { name throws(Errno) in _ = try systemCall { Glibc.truncate(name, size) } }
        }
        guard request.which.contains(.killPrivileges) else { return try truncateByName() }
        do throws(Errno) {
            try identity.killingPrivileges(of: path, request.caller, truncateByName)
        } catch {
            guard error == .permissionDenied else { throw error }
            // Whom a group lets in that the thread is not in.
            do throws(Errno) {
                try identity.assumeGroups(request.caller)
                return try identity.killingPrivileges(of: path, request.caller, truncateByName)
            } catch {
                guard error == .permissionDenied else { throw error }
            }
            // Whom a capability lets in: the kernel has checked it.
            let file = try ProcessFiles.withPath(path) { name throws(Errno) in
                DescriptorOwner(try table.budget.open { Glibc.open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC) })
            }
            try truncate(file.descriptor, size, killsPrivileges: true, request.caller)
        }
    }

    /// ftruncate(2), clearing set-id bits and file capabilities as the caller's own would.
    func truncate(_ descriptor: Int32, _ size: off_t, killsPrivileges: Bool, _ caller: Caller) throws(Errno) {
        guard killsPrivileges else {
            _ = try systemCall { ftruncate(descriptor, size) }
            return
        }
        try identity.killingPrivileges(of: descriptor, caller) { () throws(Errno) in
            _ = try systemCall { ftruncate(descriptor, size) }
        }
    }

    private func setTimes(_ request: SetAttributesRequest, _ path: Int32) throws(Errno) {
        let which = request.which
        guard !which.isDisjoint(with: [.accessTime, .accessTimeNow, .modificationTime, .modificationTimeNow]) else {
            return
        }
        let omit = timespec(tv_sec: 0, tv_nsec: 0x3fff_fffe)
        let now = timespec(tv_sec: 0, tv_nsec: 0x3fff_ffff)
        let access =
            which.contains(.accessTimeNow) ? now : which.contains(.accessTime) ? request.values.status.st_atim : omit
        let modification =
            which.contains(.modificationTimeNow)
            ? now : which.contains(.modificationTime) ? request.values.status.st_mtim : omit
        _ = try systemCall {
            withUnsafeBytes(of: (access, modification)) { times in
                utimensat(
                    path, "", times.baseAddress?.assumingMemoryBound(to: timespec.self),
                    SourceFlags.emptyPath | AT_SYMLINK_NOFOLLOW)
            }
        }
    }
}
