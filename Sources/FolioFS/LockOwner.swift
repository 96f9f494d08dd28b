import FuseServer
import Glibc
import LinuxFacts

/// What one owner of record locks holds on one inode: a descriptor of the source of its own, whose open file description
/// locks (fcntl(2) F_OFD_SETLK) are seen by programs on the source and end with it.
///
/// An owner is a process (POSIX locks) or an open file description; the kernel does not say which. All but the descriptor is
/// guarded by the inode's `locks`.
final class LockOwner: @unchecked Sendable {
    let descriptor: Int32
    /// The process that locked first, for F_GETLK's answer.
    let process: Int32
    /// What it has locked.
    var ranges = LockRanges()
    /// The handles through which it has locked: when one goes, an open file description's locks go, and a process has closed
    /// the last descriptor of it.
    var handles: Set<HandleID> = []
    /// Tells when the process ends, where the kernel does not.
    var exit: ProcessExits.Watch?
    /// Waits for a further lock: as long as there are any, its descriptor must stay the one.
    var waits = 0
    /// Where it is handed on to the next daemon; nil: nowhere.
    let record: LockRecord?
    private let records: RecordTable<LockRecord>?

    init(descriptor: Int32, process: Int32, record: LockRecord? = nil, in records: RecordTable<LockRecord>? = nil) {
        self.descriptor = descriptor
        self.process = process
        self.record = record
        self.records = records
    }

    deinit {
        if let record { records?.free(record) }
        close(descriptor)
    }
}
