/// What is counted since the mount began; the names are keys of `status --json`.
enum Counter: String, Hashable, Sendable, CaseIterable {
    /// First opens of inodes.
    case opens
    /// Copies made.
    case staged
    /// Promotions of a source's own page cache.
    case promotions
    /// Bytes that those left PMD-mapped.
    case promotedBytes
    /// Copies in use made equal to a source that was changed underneath.
    case refreshed
    /// Writes that went to a source and its copy.
    case mirroredWrites
    /// Files that were not staged though the policy said so, for whatever reason; those that follow say which.
    case stagingRefusals
    case stagingTooLarge, stagingNoRoom, stagingChanging, stagingOpenForWriting, stagingPressure, stagingBusy
    case stagingFailed
    /// Copies made behind, for the next open, and ahead of any.
    case stagedBehind, prestaged
    /// How often copies were thrown out because memory was short, and their bytes.
    case shrunk, shrunkBytes
    /// Opens that were sent on to the source because the copy that others have could not follow it.
    case bypassed
    /// Programs shown with their segments aligned.
    case alignedExecs
}
