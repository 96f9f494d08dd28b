/// What is counted since the mount began; the names are keys of `status --json`.
enum Counter: String, Hashable, Sendable, CaseIterable {
    /// First opens of inodes.
    case opens
    /// Copies made.
    case staged
    /// Promotions of a page cache that made a difference.
    case promotions
    /// Bytes that came to be PMD-mapped by those.
    case promotedBytes
    /// Promoted files of which something was found lost: split, evicted, or dropped for a writer.
    case demotions
    /// Bytes that were lost.
    case demotedBytes
    /// Promotions that brought such bytes back.
    case repairs
    /// Bytes that those brought back.
    case repairedBytes
    /// Chunks left as they are because others have them mapped.
    case refusedMapped
    /// Chunks left because they are written to all the time.
    case refusedDirty
    /// Chunks left because of the memory that they would take.
    case refusedMemory
    /// Chunks that the kernel refused.
    case refusedBusy
    /// How often promotion stopped under pressure.
    case promotionPauses
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

    /// The counter of chunks that were left for a reason.
    init(refused reason: PromotionRefusal) {
        self =
            switch reason {
            case .mapped: .refusedMapped
            case .dirty: .refusedDirty
            case .memory: .refusedMemory
            case .busy: .refusedBusy
            }
    }
}
