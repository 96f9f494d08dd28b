import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// What is not the same when it is done twice: done once, though the daemon that was about to do it may have ended before it could say
/// whether it had.
extension FolioFilesystem {
    /// Calls `change`, unless an earlier daemon has done it.
    ///
    /// - Parameter wasDone: asked where an earlier daemon was about to: what the source says of it now.
    @inline(__always)
    func once(
        wasDone: (Intent) throws(Errno) -> Bool, change: () throws(Errno) -> Void
    ) throws(Errno) {
        try once(noting: { () throws(Errno) in (0, 0, 0, 0) }, wasDone: wasDone, change: change)
    }

    /// The same for a change that leaves what `isSo` tells. Where that is so already it tells nothing, and nothing is noted: an answer
    /// that it is there, or gone, is not this request's doing.
    @inline(__always)
    func once(unlessSo isSo: () -> Bool, change: () throws(Errno) -> Void) throws(Errno) {
        if records != nil, Attempt.earlier == nil, isSo() { return try change() }
        try once(wasDone: { _ throws(Errno) in isSo() }, change: change)
    }

    /// The same, with something noted beforehand that will tell.
    @inline(__always)
    func once(
        noting values: () throws(Errno) -> (UInt64, UInt64, UInt64, UInt64),
        wasDone: (Intent) throws(Errno) -> Bool, change: () throws(Errno) -> Void
    ) throws(Errno) {
        guard records != nil else { return try change() }
        guard let earlier = Attempt.earlier else {
            Attempt.intend(try values())
            try change()
            return Attempt.hasDone()
        }
        if try wasDone(earlier) { return }
        do throws(Errno) {
            try change()
        } catch {
            // A thread of the earlier daemon that the source held up may have come first.
            guard try wasDone(earlier) else { throw error }
        }
        Attempt.hasDone()
    }

    /// Whether a directory's entry is what a request was about to make, of a type and by a caller: it was born since.
    func wasMade(
        _ directory: Int32, _ name: UnsafePointer<CChar>, _ type: mode_t, _ caller: Caller, since earlier: Intent
    ) -> Bool {
        guard let found = extended(directory, name), mode_t(found.mode) & S_IFMT == type else { return false }
        let birth = Self.birth(found)
        return (geteuid() != 0 || found.user == caller.user)
            && earlier.mayPrecede(seconds: birth.seconds, nanoseconds: birth.nanoseconds)
    }

    /// Whether what a request was about to take away from a name is gone: nothing has the name, or what came about afterwards.
    ///
    /// - Parameter leavesWhiteout: whether a whiteout takes its place.
    func wasTaken(
        _ directory: Int32, _ name: UnsafePointer<CChar>, leavesWhiteout: Bool = false, since earlier: Intent
    ) -> Bool {
        guard let found = extended(directory, name) else { return errno == ENOENT }
        let birth = Self.birth(found)
        if leavesWhiteout, mode_t(found.mode) & S_IFMT == S_IFCHR {
            return earlier.mayPrecede(seconds: birth.seconds, nanoseconds: birth.nanoseconds)
        }
        return earlier.precedes(seconds: birth.seconds, nanoseconds: birth.nanoseconds)
    }

    private func extended(_ directory: Int32, _ name: UnsafePointer<CChar>) -> folio_statx? {
        var found = folio_statx()
        let mask = UInt32(FOLIO_STATX_BASIC_STATS | FOLIO_STATX_BTIME)
        return folio_statx(directory, name, Int32(FOLIO_AT_SYMLINK_NOFOLLOW), mask, &found) == 0 ? found : nil
    }

    /// The time of birth, and where a filesystem has none that of the last change.
    private static func birth(_ found: folio_statx) -> (seconds: Int, nanoseconds: Int) {
        let time = found.mask & UInt32(FOLIO_STATX_BTIME) != 0 ? found.birth : found.change
        return (Int(time.seconds), Int(time.nanoseconds))
    }

    /// The inode number of a directory's entry; 0: there is none.
    func number(_ directory: Int32, _ name: UnsafePointer<CChar>) -> UInt64 {
        var status = stat()
        return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? UInt64(status.st_ino) : 0
    }
}
