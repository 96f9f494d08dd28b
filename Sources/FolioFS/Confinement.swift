import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// What a server gives up before it serves, so that whoever gets hold of it gets little.
enum Confinement {
    /// What serving as root needs: passthrough, trusted xattrs and the unmount (CAP_SYS_ADMIN), file handles, files made as
    /// their callers, leases, a worker that gives way and comes back (CAP_SYS_NICE), and whatever permissions the kernel has granted already.
    ///
    /// Without CAP_SYS_RESOURCE the server is held to quotas (Linux 6.18 fs/quota/dquot.c ignore_hardlimit(), read).
    static let needed: ProcessCapabilities = [
        .administer, .readAndSearch, .overridePermissions, .changeOwner, .actAsOwner, .keepSetID, .setUser, .setGroup,
        .makeNodes, .setFileCapabilities, .immutable, .lease, .schedule,
    ]

    /// Confines the calling thread, which must be the process's only one.
    ///
    /// - Parameter unmountsByHelper: an ordinary user serves. fusermount3, which is set-user-id, ends the mount and must still
    ///   get its privileges; what the process holds is the user's own.
    static func enter(unmountsByHelper: Bool) throws(Errno) {
        try needed.keepOnlyThese()
        guard !unmountsByHelper else { return }
        _ = try systemCall { folio_set_no_new_privileges() }
        // Processes of the same user without CAP_SYS_PTRACE cannot attach, and no core holds what passed through.
        _ = try systemCall { folio_set_dumpable(0) }
    }
}
