package import FolioPolicy

/// How a mount serves a file, by the rules in force there.
package struct RouteAnswer: Codable, Sendable {
    /// The route, and how it was chosen.
    package var decision: RouteDecision?
    /// Why that cannot be told, in one line.
    package var error: String?
}
