/// The route of a file and why.
public struct RouteDecision: Hashable, Codable, Sendable {
    /// How it is served.
    public var route: Route
    /// How huge folios are brought about.
    public var promotion: Promotion
    /// When they are.
    public var promote: PromotionTime
    /// Whether an execve's open is answered with a raised p_align.
    public var alignedExec: Bool
    /// The dotted name of what decided: `route.small`.
    public var rule: String
    /// The reason in one sentence for a person.
    public var reason: String
    /// The rules by which the routes were tried.
    public var choice: RuleChoice
    /// The routes that were tried, in order; the last is the one that was taken, unless that is plain because none could be.
    public var tried: [RouteAttempt]

    /// A decision from its parts.
    public init(
        route: Route, promotion: Promotion = .none, promote: PromotionTime = .never, alignedExec: Bool = false,
        rule: String, reason: String, choice: RuleChoice = RuleChoice(), tried: [RouteAttempt] = []
    ) {
        self.route = route
        self.promotion = promotion
        self.promote = promote
        self.alignedExec = alignedExec
        self.rule = rule
        self.reason = reason
        self.choice = choice
        self.tried = tried
    }
}
