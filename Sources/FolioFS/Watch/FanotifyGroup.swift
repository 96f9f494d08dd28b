import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// A fanotify(7) group that watches whole filesystems.
///
/// FAN_MODIFY costs every small write on a watched filesystem (888 to 1808 ns for a cached 4 KiB write on ext4 and Linux
/// 6.18, measured), FAN_CLOSE_WRITE and the events of names nothing that can be seen (1 to 2 %). It is asked for all the
/// same: without it neither truncate(2) nor a write by a descriptor that stays open would be noticed. A file that is
/// written to all the time is therefore left out (1250 ns) and looked at instead, see `BusyFiles`.
final class FanotifyGroup: Sendable {
    let descriptor: Int32

    private static let mask = UInt64(
        FOLIO_FAN_CREATE | FOLIO_FAN_DELETE | FOLIO_FAN_MOVED_FROM | FOLIO_FAN_MOVED_TO | FOLIO_FAN_ATTRIB
            | FOLIO_FAN_MODIFY | FOLIO_FAN_CLOSE_WRITE | FOLIO_FAN_DELETE_SELF | FOLIO_FAN_ONDIR)

    /// - Throws: EPERM without CAP_SYS_ADMIN; EINVAL before Linux 5.17; ENOSYS without CONFIG_FANOTIFY.
    init() throws(Errno) {
        descriptor = try systemCall { folio_fanotify_open(0) }
    }

    deinit { close(descriptor) }

    /// Watches the filesystem that an open directory is on.
    /// - Throws: EXDEV for a btrfs subvolume; EOPNOTSUPP and ENODEV where files have no handles or the filesystem no id.
    func watch(_ directory: Int32) throws(Errno) {
        _ = try systemCall { folio_fanotify_watch(descriptor, Self.mask, directory) }
    }

    /// Leaves modifications of one file out, or lets them in again.
    func ignore(_ file: Int32, _ ignored: Bool) throws(Errno) {
        try ProcessFiles.withPath(file) { path throws(Errno) in
            _ = try systemCall { folio_fanotify_ignore(descriptor, path, ignored ? 1 : 0) }
        }
    }

    /// Reads what has been queued, at most a buffer full, and hands every record to `each`.
    /// - Returns: whether there was any.
    /// - Throws: what read(2) says.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, _ each: (FanotifyEvent) -> Void
    ) throws(Errno) -> Bool {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else {
            let failure = Errno(rawValue: errno)
            if count == 0 || failure == .wouldBlock || failure == .interrupted { return false }
            throw failure
        }
        for event in FanotifyRecords(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { each(event) }
        return true
    }
}
