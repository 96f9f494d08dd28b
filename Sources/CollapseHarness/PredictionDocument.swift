package import FolioPolicy

/// A decision as reports print it: `{verdict, errno, scanReason, missing, rule, plan}`.
package struct PredictionDocument: Encodable, Sendable {
    /// The policy's answer.
    package let decision: Decision

    /// The document of a decision.
    package init(_ decision: Decision) { self.decision = decision }

    /// The rule that decided, with what it looked at; nil where none stands in the way.
    package var rule: String? {
        let outcome: RuleOutcome.Outcome = decision.verdict == .denied ? .fail : .unknown
        return decision.rules.last { $0.outcome == outcome }.map { "\($0.id): \($0.evidence)" }
    }

    /// Every rule that does not stand aside, a line each, in the order asked; the one that decided is the last.
    package var trace: [String] {
        decision.rules.filter { $0.outcome != .skipped }.map { "\($0.id) \($0.outcome.rawValue): \($0.evidence)" }
    }

    private enum Key: String, CodingKey { case verdict, errno, scanReason, missing, rule, plan }

    /// Every key is there; null where there is nothing to say.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(decision.verdict.rawValue, forKey: .verdict)
        try container.encode(decision.errno, forKey: .errno)
        try container.encode(decision.scanReason, forKey: .scanReason)
        try container.encode(decision.missing, forKey: .missing)
        try container.encode(rule, forKey: .rule)
        try container.encode(decision.chunks.first?.action.rawValue, forKey: .plan)
    }
}
