package import FolioPolicy

/// What the suite found.
package struct VerifyReport: Encodable, Sendable {
    /// A scenario in which the kernel did otherwise than predicted.
    package struct Disagreement: Sendable {
        /// The scenario's case line.
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
        /// The scenario's case line.
        package let scenario: String
        /// What is missing.
        package let reason: String

        /// A scenario that was not played, and why.
        package init(scenario: String, reason: String) {
            self.scenario = scenario
            self.reason = reason
        }
    }

    /// A scenario that agreed only when it was played again: a race of the environment.
    package struct Repetition: Encodable, Sendable {
        /// The scenario's case line.
        package let scenario: String
        /// How often it disagreed before it agreed.
        package let disagreed: Int
    }

    /// The predictions of one operation on one stage.
    package struct Group: Encodable, Sendable {
        /// The stage.
        package let stage: String
        /// The operation.
        package let operation: String
        /// How many predictions.
        package var cases = 0
        /// How many of them the kernel bore out.
        package var agreed = 0
    }

    /// The kernel's release.
    package var kernel: String
    /// How many predictions were held against the kernel.
    package var cases = 0
    /// How many it bore out.
    package var agreed = 0
    /// Those it did not.
    package var disagreements: [Disagreement] = []
    /// Those that took more than one try.
    package var repeated: [Repetition] = []
    /// The counts by stage and operation, in the order played.
    package var groups: [Group] = []
    /// The case lines of all predictions that were held against the kernel, in the order played.
    package var played: [String] = []
    /// What was not played.
    package var skipped: [Skip] = []
    /// Whether it was ended by a signal before all was played.
    package var interrupted = false

    /// Nothing found yet.
    package init(kernel: String) { self.kernel = kernel }

    /// Counts a prediction.
    package mutating func count(_ scenario: Scenario, agreed isAgreed: Bool) {
        cases += 1
        played.append(scenario.line)
        let operation = scenario.operation.rawValue
        let place = groups.firstIndex { $0.stage == scenario.stage && $0.operation == operation }
        if place == nil { groups.append(Group(stage: scenario.stage, operation: operation)) }
        let index = place ?? groups.count - 1
        groups[index].cases += 1
        if isAgreed {
            agreed += 1
            groups[index].agreed += 1
        }
    }
}

extension VerifyReport.Disagreement: Encodable {
    private enum Key: String, CodingKey { case scenario, offset, predicted, observed, differences, trace }

    /// `{scenario, offset, predicted, observed, differences, trace}`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(scenario, forKey: .scenario)
        try container.encode(offset, forKey: .offset)
        try container.encode(PredictionDocument(predicted), forKey: .predicted)
        try container.encode(ObservationDocument(observed), forKey: .observed)
        try container.encode(differences, forKey: .differences)
        try container.encode(PredictionDocument(predicted).trace, forKey: .trace)
    }
}
