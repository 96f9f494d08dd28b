/// What came of promoting one file, keys as `foliofs promote --json` prints them. Sizes in bytes.
package struct PromotionResult: Codable, Sendable {
    /// The file.
    package var path: String
    /// How it is served.
    package var route: String
    /// Its size.
    package var bytes: Int
    /// Bytes in whole PMD chunks.
    package var eligibleBytes: Int
    /// Bytes that a plain touch of a congruent mapping maps by PMDs now.
    package var pmdBytes: Int
    /// Bytes of chunks that were left as they are, by reason.
    package var refused: [PromotionRefusal: Int]
    /// How long it took, in seconds.
    package var seconds: Double
    /// Why the route is what it is.
    package var routeReason: String
}
