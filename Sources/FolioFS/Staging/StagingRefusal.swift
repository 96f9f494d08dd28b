import LinuxFacts
import SystemPackage

/// Why a file is served from its source though the policy would have it staged.
enum StagingRefusal: Error, Hashable, Sendable {
    /// It can take more than the whole limit.
    case tooLarge
    /// It does not fit beside the copies that are in use.
    case noRoom
    /// It was changed each time that it was read.
    case changing
    /// Somebody has it open or mapped for writing.
    case openForWriting
    /// Memory is short.
    case pressure
    /// It is being staged behind, or so many opens wait for copies that others would have to.
    case busy
    /// Whoever asked has gone.
    case cancelled
    /// Reading the source, or making the copy, says this.
    case failed(Errno)

    /// What it is counted as; nil: not at all.
    var counter: Counter? {
        switch self {
        case .tooLarge: .stagingTooLarge
        case .noRoom: .stagingNoRoom
        case .changing: .stagingChanging
        case .openForWriting: .stagingOpenForWriting
        case .pressure: .stagingPressure
        case .busy: .stagingBusy
        case .cancelled: nil
        case .failed: .stagingFailed
        }
    }

    /// The errno that a caller who asked for staging gets.
    var errno: Errno {
        switch self {
        case .tooLarge, .noRoom: .noSpace
        case .changing: .resourceTemporarilyUnavailable
        case .openForWriting: .textFileBusy
        case .pressure: .noMemory
        case .busy: .resourceBusy
        case .cancelled: .canceled
        case .failed(let errno): errno
        }
    }

    /// A person's word for it.
    var reason: String {
        switch self {
        case .tooLarge: "it can take more than the whole limit, with its holes filled by who maps them"
        case .noRoom: "it does not fit beside the copies in use"
        case .changing: "it kept changing"
        case .openForWriting: "it is open for writing"
        case .pressure: "memory is short"
        case .busy: "it is being staged behind"
        case .cancelled: "who asked has gone"
        case .failed(let errno): errno.name
        }
    }
}
