import FolioPolicy

/// What the page cache holds of one chunk of a file.
struct SurveyedChunk {
    /// The file offset of the chunk in bytes, a multiple of the PMD size.
    var offset: Int
    /// Bytes of it that are cached.
    var cachedBytes: Int
    /// Whether a touch of it maps it by a PMD.
    var isPMDMapped: Bool
    /// Whether somebody else has some of it mapped; false where it was not asked.
    var isMappedElsewhere: Bool

    /// What promoting it takes.
    func plan(chunkSize: Int) -> ChunkPlan {
        ChunkPlan(
            offset: offset, action: isPMDMapped ? .alreadyMapped : .copy, bytesCopied: isPMDMapped ? 0 : chunkSize,
            bytesMissing: chunkSize - cachedBytes)
    }
}
