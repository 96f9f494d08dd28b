import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Whom a thread of the server acts as towards the source, and its umask.
///
/// Umask, group and supplementary groups stay as the last creation left them, because they matter to creations alone; the
/// user, whom the capabilities over files follow, is always given back.
final class ThreadIdentity {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { held in
            if let held { Unmanaged<ThreadIdentity>.fromOpaque(held).release() }
        }
        return key
    }()

    /// The server's user.
    static let ownUser = geteuid()

    // nil: not known; a new thread has what the one that started it had.
    private var mask: UInt32?
    private var group: UInt32?
    private var groups: [UInt32]?

    /// This thread's.
    static var current: ThreadIdentity {
        if let held = pthread_getspecific(key) { return Unmanaged.fromOpaque(held).takeUnretainedValue() }
        let new = ThreadIdentity()
        pthread_setspecific(key, Unmanaged.passRetained(new).toOpaque())
        return new
    }

    func assume(mask wanted: UInt32) throws(Errno) {
        if mask == nil { _ = try systemCall { folio_own_umask() } }
        if mask != wanted { umask(wanted) }
        mask = wanted
    }

    func assume(group wanted: UInt32) throws(Errno) {
        guard group != wanted else { return }
        _ = try systemCall { folio_assume_group(wanted) }
        group = wanted
    }

    func assume(groups wanted: [UInt32]) throws(Errno) {
        guard groups != wanted else { return }
        _ = try systemCall { folio_assume_groups(wanted.count, wanted) }
        groups = wanted
    }

    /// Calls `body` as `user`, without the capabilities over files where that is not root.
    func with<Value>(user: UInt32, _ body: () throws(Errno) -> Value) throws(Errno) -> Value {
        guard user != Self.ownUser else { return try body() }
        _ = try systemCall { folio_assume_user(user) }
        defer { _ = folio_assume_user(Self.ownUser) }
        return try body()
    }
}
