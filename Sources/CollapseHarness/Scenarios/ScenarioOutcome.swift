import FolioPolicy

/// How a scenario went, chunk by chunk; for a mapping without a whole chunk, the mapping as one.
struct ScenarioOutcome {
    /// What was predicted and seen of one chunk.
    struct Chunk {
        let offset: Int
        let decision: Decision
        var seen: ChunkObservation
    }

    var chunks: [Chunk]
    /// Whether khugepaged collapsed the file meanwhile.
    var disturbed = false

    /// The outcome of these chunks.
    init(chunks: [Chunk]) { self.chunks = chunks }

    /// The first chunk that the kernel treated otherwise than predicted.
    var disagreement: (chunk: Chunk, differences: [String])? {
        for chunk in chunks {
            if case .disagreed(let differences) = Agreement(chunk.decision, chunk.seen) { return (chunk, differences) }
        }
        return nil
    }

    /// Facts without which no prediction was made; empty: predictions were made of every chunk.
    var missing: [String] {
        for chunk in chunks {
            if case .noPrediction(let missing) = Agreement(chunk.decision, chunk.seen) { return missing }
        }
        return []
    }
}
