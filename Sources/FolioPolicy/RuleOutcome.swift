/// What one rule found, with what it looked at and where the kernel says so.
public struct RuleOutcome: Hashable, Sendable {
    /// How a rule can end.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// The rule does not stand in the way.
        case pass
        /// The rule denies.
        case fail
        /// A fact the rule needs is not known.
        case unknown
        /// The rule does not apply to this operation, kernel or filesystem.
        case skipped
    }

    /// The rule's permanent dotted name: `align.congruent`.
    public var id: String
    /// How it ended.
    public var outcome: Outcome
    /// What it looked at, with the values.
    public var evidence: String
    /// Kernel versions, file and function or commit.
    public var source: String

    /// An outcome from its parts.
    public init(id: String, outcome: Outcome, evidence: String, source: String) {
        self.id = id
        self.outcome = outcome
        self.evidence = evidence
        self.source = source
    }
}
