/// What an operation would meet and do in one PMD chunk of the file.
public struct ChunkPlan: Hashable, Sendable {
    /// What happens to the chunk.
    public enum Action: String, Hashable, Sendable, CaseIterable {
        /// Small folios are copied into a new PMD folio.
        case copy
        /// A PMD folio that is mapped by PTEs is mapped by a PMD: nothing is copied.
        case inPlace
        /// It is PMD-mapped already.
        case alreadyMapped
        /// It stays as it is.
        case refused
    }

    /// The file offset of the chunk in bytes, a multiple of the PMD size.
    public var offset: Int
    /// What happens to it.
    public var action: Action
    /// Bytes copied, which is also the memory needed: the PMD size for `copy`, else 0.
    public var bytesCopied: Int
    /// Bytes that have to be read in first, 0 to the PMD size; 0 where it is not known what is cached.
    public var bytesMissing: Int

    /// A plan from its parts.
    public init(offset: Int, action: Action, bytesCopied: Int, bytesMissing: Int = 0) {
        self.offset = offset
        self.action = action
        self.bytesCopied = bytesCopied
        self.bytesMissing = bytesMissing
    }
}
