package import FolioPolicy

/// What was predicted and seen of one file, chunk by chunk.
package struct CollapseReport: Encodable, Sendable {
    /// One PMD chunk.
    package struct Chunk: Encodable, Sendable {
        /// Its file offset in bytes.
        package let offset: Int
        /// The policy's answer.
        package let decision: Decision
        /// What was seen.
        package let seen: ChunkObservation
        /// The one held against the other.
        package let agreement: Agreement

        /// A chunk from its parts.
        package init(offset: Int, decision: Decision, seen: ChunkObservation) {
            self.offset = offset
            self.decision = decision
            self.seen = seen
            agreement = Agreement(decision, seen)
        }

        private enum Key: String, CodingKey { case offset, predicted, observed, agreed, differences }

        /// `{offset, predicted, observed, agreed, differences}`; agreed is null where nothing was predicted.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(offset, forKey: .offset)
            try container.encode(PredictionDocument(decision), forKey: .predicted)
            try container.encode(ObservationDocument(seen), forKey: .observed)
            switch agreement {
            case .agreed: try container.encode(true, forKey: .agreed)
            case .noPrediction: try container.encodeNil(forKey: .agreed)
            case .disagreed(let differences):
                try container.encode(false, forKey: .agreed)
                try container.encode(differences, forKey: .differences)
            }
        }
    }

    /// The file.
    package let path: String
    /// Its chunks that were tried.
    package let chunks: [Chunk]

    /// A report from its parts.
    package init(path: String, chunks: [Chunk]) {
        self.path = path
        self.chunks = chunks
    }

    /// How many chunks the kernel treated as predicted.
    package var agreed: Int { chunks.count { $0.agreement.isAgreed } }
    /// How many chunks there are.
    package var total: Int { chunks.count }
    /// Whether the kernel did otherwise with some chunk.
    package var disagrees: Bool {
        chunks.contains { if case .disagreed = $0.agreement { true } else { false } }
    }

    private enum Key: String, CodingKey { case path, agreed, total, chunks }

    /// `{path, agreed, total, chunks}`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(path, forKey: .path)
        try container.encode(agreed, forKey: .agreed)
        try container.encode(total, forKey: .total)
        try container.encode(chunks, forKey: .chunks)
    }
}
