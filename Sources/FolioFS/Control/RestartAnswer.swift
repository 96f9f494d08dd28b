/// What a mount says to being asked for another server.
package struct RestartAnswer: Codable, Sendable {
    /// Why the server stays; nil: it ends, and another takes over.
    package var error: String?
}
