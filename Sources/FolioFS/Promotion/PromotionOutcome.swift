/// What came of promoting a file. Sizes in bytes, of whole chunks.
package struct PromotionOutcome: Codable, Hashable, Sendable {
    /// Chunks that are not holes.
    package var eligibleBytes = 0
    /// Those that a plain touch maps by PMDs now.
    package var pmdBytes = 0
    /// Those that it would have mapped so before.
    package var foundBytes = 0
    /// Those that were left as they are, by reason.
    package var refused: [PromotionRefusal: Int] = [:]
    /// How often it gave way to others.
    package var pauses = 0
}
