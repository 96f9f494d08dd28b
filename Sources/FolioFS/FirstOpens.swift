import FolioPolicy

/// First opens of inodes, counted.
struct FirstOpens {
    /// By the route that they took.
    private(set) var routes: [Route: Int] = [:]
    /// By the rules that said how, each once.
    private(set) var rules: [RouteRule.Label: Int] = [:]

    /// Counts one.
    ///
    /// - Parameter choice: what the rules said; nil: they were not asked.
    mutating func count(_ route: Route, _ choice: RuleChoice?) {
        routes[route, default: 0] += 1
        guard let choice else { return }
        if let rule = choice.rule { rules[rule, default: 0] += 1 }
        if let rule = choice.promoteRule, rule != choice.rule { rules[rule, default: 0] += 1 }
    }
}
