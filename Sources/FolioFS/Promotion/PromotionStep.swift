import Glibc

/// The steps by which a chunk of a file's page cache is promoted.
///
/// For tests, the process that promotes can be made to stop (SIGSTOP) when it first comes to one of them by the environment,
/// FOLIOFS_STOP_AT=dropped.
enum PromotionStep: String, CaseIterable, Sendable {
    /// It is known what the file's chunks hold.
    case surveyed
    /// What was dirty in the chunk has been written back.
    case writtenBack
    /// The chunk's clean folios have been dropped.
    case dropped
    /// It has been faulted in.
    case faulted
    /// It has been collapsed.
    case collapsed

    private static let stop = getenv("FOLIOFS_STOP_AT").flatMap { PromotionStep(rawValue: String(cString: $0)) }

    /// Called when the step has been made.
    func done() {
        if self == Self.stop { kill(getpid(), SIGSTOP) }
    }
}
