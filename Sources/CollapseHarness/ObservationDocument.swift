import FolioPolicy

/// An observation as reports print it: `{errno, pmdMapped, moved, scanReason, contentIntact, foliosKept, orders}`.
package struct ObservationDocument: Encodable, Sendable {
    /// What was seen.
    package let seen: ChunkObservation

    /// The document of an observation.
    package init(_ seen: ChunkObservation) { self.seen = seen }

    private enum Key: String, CodingKey {
        case errno, pmdMappedBefore, pmdMapped, moved, scanReason, contentIntact, foliosKept, orders
    }

    /// Every key is there; null where it could not be seen.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(seen.errno, forKey: .errno)
        try container.encode(seen.pmdMappedBefore, forKey: .pmdMappedBefore)
        try container.encode(seen.pmdMapped, forKey: .pmdMapped)
        try container.encode(seen.moved, forKey: .moved)
        try container.encode(seen.scanReason, forKey: .scanReason)
        try container.encode(seen.contentIntact, forKey: .contentIntact)
        try container.encode(seen.foliosKept, forKey: .foliosKept)
        try container.encode(seen.orders?.map { Int($0.rawValue) }.sorted(), forKey: .orders)
    }
}
