/// A rule of a mount in `status --json`.
package struct RuleStatus: Codable, Sendable {
    /// Its name.
    package var rule: String
    /// Where it is written.
    package var place: String
    /// First opens of files for which it named the routes, or said when to promote.
    package var opens: Int
}
