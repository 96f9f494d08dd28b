import FolioPolicy
import FuseServer

/// How an inode is served while it is open.
///
/// The kernel allows one way at a time: passthrough by one backing file, or its own page cache (Linux 6.9 fs/fuse/iomode.c).
/// It is chosen at the first open and stays until the last descriptor and mapping are gone.
struct Serving {
    enum Mode {
        /// Not open.
        case idle
        /// Passthrough to the source, or to a staged copy of it.
        case passthrough(BackingID, copy: StagedCopy?)
        /// FUSE's own page cache.
        case cached
    }

    var mode = Mode.idle
    /// Opens that have not been released.
    var opens = 0
    /// Those of them that may write.
    var writers = 0
    /// The thread that was last told to look the name up again, in place of an open for writing.
    var sentAway: Int32?
    /// Whether record locks have been taken since the first of the opens: from then on each close counts.
    var isRecordLocked = false
    /// What the policy said, of which state of the source, and of what kind of open.
    var decision: (stamp: SourceStamp, opening: Opening, route: RouteDecision)?
    /// Why it is not served from a copy since the first of the opens, though the policy wants that; nil: no copy was asked for, or made.
    var refusal: StagingRefusal?
    /// When it was opened of late, where some rule asks.
    var openTimes = OpenTimes()
    /// The source's state when FUSE's page cache was last filled from it.
    var cachedStamp: SourceStamp?
    /// The source's state that was last promoted in place, and when, in seconds of the monotonic clock.
    var promoted: (stamp: SourceStamp, time: Int)?

    /// Whether nothing is lost with it: not open, and nothing remembered for the next open.
    var saysNothing: Bool {
        guard case .idle = mode else { return false }
        return opens == 0 && decision == nil && cachedStamp == nil && promoted == nil && openTimes.isEmpty
            && sentAway == nil
    }
}
