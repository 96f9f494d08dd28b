/// The steps by which a chunk of a file's page cache is promoted.
///
/// For tests, the process that promotes can be made to stop when it first comes to one of them (`StopPoint`).
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

    /// Called when the step has been made.
    func done() { StopPoint.reached(self) }
}
