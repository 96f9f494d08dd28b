/// Why a text is not what a rule needs, and what would be.
public struct RuleTextError: Error, Hashable, Sendable {
    /// What is wrong, without a full stop.
    public let message: String
    /// What to write instead.
    public let suggestion: String

    /// An error from its two sentences.
    public init(_ message: String, suggestion: String) {
        self.message = message
        self.suggestion = suggestion
    }
}
