package import FolioPolicy

/// What the suite found.
package struct VerifyReport: Encodable, Sendable {
    /// A scenario in which the kernel did otherwise than predicted.
    package struct Disagreement: Sendable {
        /// The scenario's name.
        package let scenario: String
        /// The file offset of the first chunk that differs.
        package let offset: Int
        /// What was predicted of it.
        package let predicted: Decision
        /// What was seen of it.
        package let observed: ChunkObservation
        /// The differences in words.
        package let differences: [String]
    }

    /// A scenario that was not played.
    package struct Skip: Encodable, Sendable {
        /// The scenario's name.
        package let scenario: String
        /// What is missing.
        package let reason: String

        /// A scenario that was not played, and why.
        package init(scenario: String, reason: String) {
            self.scenario = scenario
            self.reason = reason
        }
    }

    /// The kernel's release.
    package var kernel: String
    /// How many predictions were held against the kernel.
    package var cases = 0
    /// How many it bore out.
    package var agreed = 0
    /// Those it did not.
    package var disagreements: [Disagreement] = []
    /// What was not played.
    package var skipped: [Skip] = []
    /// Whether it was ended by a signal before all was played.
    package var interrupted = false

    /// Nothing found yet.
    package init(kernel: String) { self.kernel = kernel }
}

extension VerifyReport.Disagreement: Encodable {
    private enum Key: String, CodingKey { case scenario, offset, predicted, observed, differences }

    /// `{scenario, offset, predicted, observed, differences}`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(scenario, forKey: .scenario)
        try container.encode(offset, forKey: .offset)
        try container.encode(PredictionDocument(predicted), forKey: .predicted)
        try container.encode(ObservationDocument(observed), forKey: .observed)
        try container.encode(differences, forKey: .differences)
    }
}
