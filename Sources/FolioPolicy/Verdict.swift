/// The policy's answer.
public enum Verdict: String, Hashable, Sendable, CaseIterable {
    /// It will happen.
    case allowed
    /// It will not.
    case denied
    /// A fact that matters is not known.
    case unknown
}
