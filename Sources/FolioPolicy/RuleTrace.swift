/// The rules of one decision as they are asked, and what follows from them.
struct RuleTrace {
    /// Every rule so far, in order.
    private(set) var rules: [RuleOutcome] = []
    /// The facts that rules lacked.
    private(set) var missing: [String] = []
    /// Whether some rule denies.
    private(set) var denied = false
    /// What is seen where nothing else denies before the first certain denial; nil: none yet.
    private var refusal: Refusal?
    /// Whether rules that might deny disagree about the errno.
    private var errnoUncertain = false
    /// Whether rules that might deny disagree about the SCAN code.
    private var scanUncertain = false

    init() { rules.reserveCapacity(26) }

    /// The rule does not stand in the way.
    mutating func pass(_ rule: Rule, _ finding: String, _ first: Fact? = nil, _ second: Fact? = nil) {
        add(rule, .pass, finding, first, second)
    }

    /// The rule does not apply.
    mutating func skip(_ rule: Rule, _ finding: String, _ first: Fact? = nil) {
        add(rule, .skipped, finding, first, nil)
    }

    /// The rule denies, and `refusal` is seen unless a rule before it denied.
    mutating func fail(_ rule: Rule, _ refusal: Refusal, _ finding: String, _ first: Fact? = nil, _ second: Fact? = nil)
    {
        add(rule, .fail, finding, first, second)
        if !denied { consider(refusal) }
        denied = true
    }

    /// The rule lacks `fact`, and would show `refusal` if it denied.
    mutating func lack(
        _ rule: Rule, _ fact: String, _ refusal: Refusal, _ finding: String, _ first: Fact? = nil, _ second: Fact? = nil
    ) {
        lack(rule, [fact], refusal, finding, first, second)
    }

    /// The rule lacks `facts`, and would show `refusal` if it denied.
    mutating func lack(
        _ rule: Rule, _ facts: [String], _ refusal: Refusal, _ finding: String, _ first: Fact? = nil,
        _ second: Fact? = nil
    ) {
        add(rule, .unknown, finding, first, second)
        for fact in facts where !missing.contains(fact) { missing.append(fact) }
        if !denied { consider(refusal) }
    }

    /// What all rules together say.
    var verdict: Verdict {
        if denied { return .denied }
        return rules.contains { $0.outcome == .unknown } ? .unknown : .allowed
    }

    /// The errno's name of a certain denial, where it is one and the same whatever the unknowns are.
    var errno: String? { denied && !errnoUncertain ? refusal?.errno?.rawValue : nil }

    /// The SCAN code of a certain denial, where it is one and the same whatever the unknowns are.
    var scanReason: String? { denied && !scanUncertain ? refusal?.scan?.rawValue : nil }

    private mutating func consider(_ other: Refusal) {
        guard let refusal else {
            self.refusal = other
            return
        }
        if refusal.errno != other.errno { errnoUncertain = true }
        if refusal.scan != other.scan { scanUncertain = true }
    }

    private mutating func add(
        _ rule: Rule, _ outcome: RuleOutcome.Outcome, _ finding: String, _ first: Fact?, _ second: Fact?
    ) {
        rules.append(
            RuleOutcome(
                id: rule.id, outcome: outcome, evidence: finding, first: first, second: second, source: rule.source))
    }
}
