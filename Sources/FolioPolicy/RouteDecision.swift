/// The route of a file and why.
public struct RouteDecision: Hashable, Sendable {
    /// How it is served.
    public var route: Route
    /// How huge folios are brought about.
    public var promotion: Promotion
    /// Whether an execve's open is answered with a raised p_align.
    public var alignedExec: Bool
    /// The dotted name of the rule that matched: `route.small`.
    public var rule: String
    /// The reason in one sentence for a person.
    public var reason: String

    /// A decision from its parts.
    public init(route: Route, promotion: Promotion, alignedExec: Bool, rule: String, reason: String) {
        self.route = route
        self.promotion = promotion
        self.alignedExec = alignedExec
        self.rule = rule
        self.reason = reason
    }
}
