/// What the rules say of one file. nil: none says it.
public struct RuleChoice: Hashable, Codable, Sendable {
    /// The routes to try, in order.
    public var routes: [Route]?
    /// The rule that named them.
    public var rule: RouteRule.Label?
    /// When huge folios are brought about.
    public var promote: PromotionTime?
    /// The rule that said so.
    public var promoteRule: RouteRule.Label?
    /// The way in which the source's own page cache is promoted; nil: the policy chooses.
    public var promotion: Promotion?
    /// Whether an execve's open shows p_align raised.
    public var alignedExec: Bool?
    /// Rules that were passed over because what is not known of the file would have decided.
    public var unsure: [RouteRule.Label] = []

    /// Nothing said.
    public init() {}
}
