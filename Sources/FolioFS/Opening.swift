import FolioPolicy

/// What of an open decides about a route, beside the file.
struct Opening: Hashable, Sendable {
    /// The edition of the policy.
    var edition: Int
    /// Whether an execve(2) opens it, where some rule asks.
    var exec = false
    /// The heats that the file has reached, of those that rules ask for.
    var heats: Set<OpenHeat> = []
}
