/// How a row of a capability manifest is known, the most certain first.
public enum Confidence: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Seen on a running kernel of the range.
    case measured
    /// Read in that kernel's source.
    case read
    /// Concluded from something else: a neighbouring version, a changelog, a mailing list.
    case inferred

    /// Compares by certainty: what is less certain is less.
    public static func < (left: Confidence, right: Confidence) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .measured: 2
        case .read: 1
        case .inferred: 0
        }
    }
}
