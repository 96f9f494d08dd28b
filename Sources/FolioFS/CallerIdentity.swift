import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// Lets a thread of the server change the source as the caller.
struct CallerIdentity: Sendable {
    /// Whether creations say which supplementary group matters (FUSE_CREATE_SUPP_GROUP); else all are read from /proc.
    var sendsDirectoryGroup = false

    /// Calls `body`, which creates something, with the caller's ids, groups and umask.
    ///
    /// - Throws: EPERM where the thread cannot become the caller; then nothing was created.
    func creating<Value>(_ caller: Caller, _ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        let thread = ThreadIdentity.current
        try thread.assume(mask: caller.mask)
        guard ThreadIdentity.ownUser == 0 else {
            guard caller.user == ThreadIdentity.ownUser else { throw .notPermitted }
            return try body()
        }
        try thread.assume(group: caller.group)
        // Of root's groups nothing depends; in a user namespace setgroups(2) may be denied.
        if caller.user == 0 { return try body() }
        let known = sendsDirectoryGroup ? caller.directoryGroup.map { [$0] } ?? [] : caller.supplementaryGroups
        try thread.assume(groups: known)
        do throws(Errno) {
            return try thread.with(user: caller.user, body)
        } catch {
            // An ACL may let in a group that is not the directory's: the kernel has checked it, and the source shall too.
            guard sendsDirectoryGroup, error == .permissionDenied else { throw error }
            try thread.assume(groups: caller.supplementaryGroups)
            return try thread.with(user: caller.user, body)
        }
    }

    /// Calls `body`, which writes to or truncates what is open already, so that the source clears set-id bits and file
    /// capabilities as it does for the caller: without CAP_FSETID.
    ///
    /// - Parameter descriptor: the file.
    func killingPrivileges<Value>(
        of descriptor: Int32, _ caller: Caller, _ body: () throws(Errno) -> Value
    ) throws(Errno) -> Value {
        guard ThreadIdentity.ownUser == 0, caller.user == 0 else {
            let thread = ThreadIdentity.current
            var status = stat()
            _ = try systemCall { fstat(descriptor, &status) }
            if ThreadIdentity.ownUser == 0, status.st_mode & (S_ISGID | 0o010) == S_ISGID {
                // Set-group-id without execution for the group stays for who is in it (Linux 6.18 fs/attr.c
                // setattr_should_drop_sgid(), read).
                try assumeGroups(caller)
            }
            return try thread.with(user: caller.user, body)
        }
        // Root without CAP_FSETID: chown(2) to nobody new clears them (Linux 6.18 fs/open.c chown_common(), read).
        let value = try body()
        _ = try systemCall {
            fchownat(descriptor, "", uid_t.max, gid_t.max, SourceFlags.emptyPath | AT_SYMLINK_NOFOLLOW)
        }
        return value
    }

    /// chown(2) that names nobody, as the caller and with its groups: it clears set-id bits, for the owner alone.
    ///
    /// - Throws: EPERM where the file has such bits and is not the caller's.
    func owningNothing(_ path: Int32, _ caller: Caller) throws(Errno) {
        func change() throws(Errno) {
            _ = try systemCall { fchownat(path, "", uid_t.max, gid_t.max, SourceFlags.emptyPath | AT_SYMLINK_NOFOLLOW) }
        }
        guard ThreadIdentity.ownUser == 0, caller.user != 0 else { return try change() }
        try assumeGroups(caller)
        try ThreadIdentity.current.with(user: caller.user, change)
    }

    /// Takes on the caller's groups, all of them.
    func assumeGroups(_ caller: Caller) throws(Errno) {
        guard ThreadIdentity.ownUser == 0 else { return }
        try ThreadIdentity.current.assume(group: caller.group)
        try ThreadIdentity.current.assume(groups: caller.supplementaryGroups)
    }
}
