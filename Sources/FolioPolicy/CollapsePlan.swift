/// What happens to each whole chunk of a mapping, in the order of the file.
///
/// Held as runs of equal chunks, so that it takes the same memory for a file of one chunk and of a million.
public struct CollapsePlan: RandomAccessCollection, Hashable, Sendable {
    /// Neighbouring chunks that meet with the same.
    public struct Run: Hashable, Sendable {
        /// The file offset of the first chunk in bytes, a multiple of the PMD size.
        public var offset: Int
        /// How many chunks, 0 or more.
        public var count: Int
        /// What happens to each of them.
        public var action: ChunkPlan.Action

        /// A run from its parts.
        public init(offset: Int, count: Int, action: ChunkPlan.Action) {
            self.offset = offset
            self.count = count
            self.action = action
        }
    }

    /// Bytes in a chunk: the PMD size.
    public let chunkSize: Int
    /// The chunks before the end of the file's last whole chunk.
    public let inside: Run
    /// The chunks that reach past the end of the file.
    public let beyond: Run

    /// A plan of two runs, one after the other; either may be empty.
    public init(chunkSize: Int, inside: Run, beyond: Run) {
        self.chunkSize = chunkSize
        self.inside = inside
        self.beyond = beyond
    }

    /// A plan of no chunk.
    public static let empty = CollapsePlan(
        chunkSize: 0, inside: Run(offset: 0, count: 0, action: .refused),
        beyond: Run(offset: 0, count: 0, action: .refused))

    /// 0.
    public var startIndex: Int { 0 }
    /// The number of chunks.
    public var endIndex: Int { inside.count + beyond.count }

    /// The plan of the chunk at `position`, counted from the first whole chunk of the mapping.
    public subscript(position: Int) -> ChunkPlan {
        precondition(position >= 0 && position < endIndex, "no chunk \(position) in a plan of \(endIndex)")
        let (run, index) = position < inside.count ? (inside, position) : (beyond, position - inside.count)
        return ChunkPlan(
            offset: run.offset + index * chunkSize, action: run.action, bytesCopied: run.action == .copy ? chunkSize : 0
        )
    }

    /// Bytes copied over all chunks, which is also the memory needed when none is freed in between.
    public var bytesCopied: Int {
        ((inside.action == .copy ? inside.count : 0) + (beyond.action == .copy ? beyond.count : 0)) * chunkSize
    }
}
