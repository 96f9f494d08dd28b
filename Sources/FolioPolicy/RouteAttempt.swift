/// A route that was tried for a file, and what came of it.
public struct RouteAttempt: Hashable, Codable, Sendable {
    /// The route.
    public var route: Route
    /// Why it was passed over; nil: it is the one.
    public var obstacle: String?
    /// Whether it can be taken all the same where the rule names nothing better: it is not known whether it helps, or it
    /// helps as long as nobody writes to the file.
    public var isPossible: Bool

    /// An attempt from its parts.
    public init(_ route: Route, obstacle: String?, isPossible: Bool = false) {
        self.route = route
        self.obstacle = obstacle
        self.isPossible = isPossible
    }
}
