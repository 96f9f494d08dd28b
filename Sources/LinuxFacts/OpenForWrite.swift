import CLinuxShims
import Glibc
package import SystemPackage

/// Whether anybody has a file open for writing, which the kernel tells by a lease alone.
package enum OpenForWrite {
    /// Whether the inode has a writer (i_writecount > 0), whoever it is; nil: it cannot be told.
    ///
    /// A read lease is refused with EAGAIN where there is one. Only the owner or CAP_LEASE may ask, and `file` must be
    /// open read-only. The lease is given back at once; a writer that opens just then waits for that, and the signal it
    /// causes is SIGURG, which nobody minds.
    ///
    /// Source: Linux 6.18 fs/locks.c check_conflicting_open(), read; fcntl(2) F_SETLEASE.
    package static func ask(_ file: FileDescriptor) -> Bool? {
        guard fcntl(file.rawValue, Int32(FOLIO_F_SETSIG), SIGURG) == 0 else { return nil }
        do {
            _ = try systemCall { fcntl(file.rawValue, Int32(FOLIO_F_SETLEASE), Int32(F_RDLCK)) }
        } catch {
            return error == .resourceTemporarilyUnavailable ? true : nil
        }
        _ = fcntl(file.rawValue, Int32(FOLIO_F_SETLEASE), Int32(F_UNLCK))
        return false
    }
}
