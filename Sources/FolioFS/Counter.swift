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
    /// Files that were not staged though the policy said so.
    case stagingRefusals
    /// Programs shown with their segments aligned.
    case alignedExecs
}
