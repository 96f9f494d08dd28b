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
    public var id: FixedText
    /// How it ended.
    public var outcome: Outcome
    /// What it found, in words.
    public var finding: FixedText
    /// The first fact it looked at; nil: none.
    public var first: Fact?
    /// The second fact it looked at; nil: none.
    public var second: Fact?
    /// Kernel versions, file and function or commit.
    public var source: FixedText

    /// An outcome from its parts; the facts are turned into words only when `evidence` is read.
    public init(
        id: FixedText, outcome: Outcome, evidence: FixedText, first: Fact? = nil, second: Fact? = nil,
        source: FixedText
    ) {
        self.id = id
        self.outcome = outcome
        self.finding = evidence
        self.first = first
        self.second = second
        self.source = source
    }

    /// What it found and looked at, with the values: `VM_EXEC is asked for: mapping.exec=no`.
    public var evidence: String {
        switch (first, second) {
        case (nil, nil): finding.description
        case (let fact?, nil), (nil, let fact?): "\(finding): \(fact)"
        case (let first?, let second?): "\(finding): \(first), \(second)"
        }
    }
}
