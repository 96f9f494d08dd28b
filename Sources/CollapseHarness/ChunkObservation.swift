package import FolioPolicy

/// What was seen of one PMD chunk, around one operation. nil: could not be seen.
package struct ChunkObservation: Hashable, Sendable {
    /// The errno of the last call, by name; nil: success, or no call.
    package var errno: String?
    /// Whether the chunk was mapped by a PMD before.
    package var pmdMappedBefore: Bool?
    /// Whether it is mapped by a PMD afterwards.
    package var pmdMapped: Bool?
    /// Whether its pages are in other physical frames than before; nil also where nothing was there before.
    package var moved: Bool?
    /// The orders of its folios afterwards.
    package var orders: FolioOrderSet?
    /// The last SCAN code that was traced, as printed.
    package var scanReason: String?
    /// Whether a trace was kept at all.
    package var traced: Bool
    /// Whether its bytes are what they should be.
    package var contentIntact: Bool
    /// After a call that failed: whether every folio that was cached before is there still, in its place, order and frame,
    /// and of shmem none besides; nil: not looked for.
    package var foliosKept: Bool?

    /// What was seen.
    package init(
        errno: String? = nil, pmdMappedBefore: Bool?, pmdMapped: Bool?, moved: Bool? = nil,
        orders: FolioOrderSet? = nil, scanReason: String? = nil, traced: Bool = false, contentIntact: Bool = true,
        foliosKept: Bool? = nil
    ) {
        self.errno = errno
        self.pmdMappedBefore = pmdMappedBefore
        self.pmdMapped = pmdMapped
        self.moved = moved
        self.orders = orders
        self.scanReason = scanReason
        self.traced = traced
        self.contentIntact = contentIntact
        self.foliosKept = foliosKept
    }
}
