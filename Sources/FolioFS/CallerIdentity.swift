import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// Lets a thread of the server create files as the caller: with its ids, groups and umask.
///
/// A server that is not root can be nobody but its own user, whose files get its own group.
enum CallerIdentity {
    private static let own = (user: geteuid(), group: getegid())
    private static let ownsUmask: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Calls `body` as `caller`; afterwards the thread is the server's again.
    ///
    /// - Throws: EPERM where the thread cannot become the caller; then nothing was created.
    static func with<Value>(_ caller: Caller, _ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        if pthread_getspecific(ownsUmask) == nil {
            _ = try systemCall { folio_own_umask() }
            pthread_setspecific(ownsUmask, UnsafeRawPointer(bitPattern: 1))
        }
        umask(caller.mask)
        defer { umask(0) }
        if caller.user == own.user, own.user != 0 || caller.group == own.group { return try body() }
        let groups = caller.supplementaryGroups
        _ = try systemCall { folio_assume_groups(groups.count, groups) }
        defer {
            _ = folio_assume_ids(own.user, own.group)
            _ = folio_assume_groups(0, nil)
        }
        _ = try systemCall { folio_assume_ids(caller.user, caller.group) }
        return try body()
    }
}
