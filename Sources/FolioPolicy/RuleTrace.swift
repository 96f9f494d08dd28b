/// The rules of one decision as they are asked, and what follows from them.
struct RuleTrace {
    /// Every rule so far, in order.
    private(set) var rules: [RuleOutcome] = []
    /// The facts that rules lacked.
    private(set) var missing: [String] = []
    /// Where the first rule that denies is among `rules`; nil: none does.
    private var denial: Int?
    /// Where the first rule that lacks a fact is among `rules`; nil: none does.
    private var lack: Int?
    /// Where the last rule that passed is among `rules`; nil: none did.
    private var pass: Int?
    /// What is seen where nothing else denies before the first certain denial; nil: none yet.
    private var refusal: Refusal?
    /// Whether rules that might deny disagree about the errno.
    private var errnoUncertain = false
    /// Whether rules that might deny disagree about the SCAN code.
    private var scanUncertain = false

    /// No decision asks more rules than this.
    private static let capacity = 44

    init() { rules.reserveCapacity(Self.capacity) }

    /// The rule does not stand in the way.
    mutating func pass(_ rule: Rule, _ finding: FixedText, _ first: Fact? = nil, _ second: Fact? = nil) {
        pass = rules.count
        add(rule, .pass, finding, first, second)
    }

    /// The rule does not apply.
    mutating func skip(_ rule: Rule, _ finding: FixedText, _ first: Fact? = nil) {
        add(rule, .skipped, finding, first, nil)
    }

    /// The rule denies, and `refusal` is seen unless a rule before it denied.
    mutating func fail(
        _ rule: Rule, _ refusal: Refusal, _ finding: FixedText, _ first: Fact? = nil, _ second: Fact? = nil
    ) {
        if denial == nil {
            consider(refusal)
            denial = rules.count
        }
        add(rule, .fail, finding, first, second)
    }

    /// The rule lacks `fact`, and would show `refusal` if it denied.
    mutating func lack(
        _ rule: Rule, _ fact: String, _ refusal: Refusal, _ finding: FixedText, _ first: Fact? = nil,
        _ second: Fact? = nil
    ) {
        lack(rule, [fact], refusal, finding, first, second)
    }

    /// The rule lacks `facts`, and would show `refusal` if it denied.
    mutating func lack(
        _ rule: Rule, _ facts: [String], _ refusal: Refusal, _ finding: FixedText, _ first: Fact? = nil,
        _ second: Fact? = nil
    ) {
        if lack == nil { lack = rules.count }
        add(rule, .unknown, finding, first, second)
        for fact in facts where !missing.contains(fact) { missing.append(fact) }
        if denial == nil { consider(refusal) }
    }

    /// What all rules together say.
    var verdict: Verdict {
        if denial != nil { return .denied }
        return lack == nil ? .allowed : .unknown
    }

    /// The errno's name of a certain denial, where it is one and the same whatever the unknowns are.
    var errno: String? { denial != nil && !errnoUncertain ? refusal?.errno?.rawValue : nil }

    /// The SCAN code of a certain denial, where it is one and the same whatever the unknowns are.
    var scanReason: String? { denial != nil && !scanUncertain ? refusal?.scan?.rawValue : nil }

    /// Whether `rule` is among those asked.
    func hasAsked(_ rule: Rule) -> Bool { rules.contains { $0.id == rule.id } }

    /// Whether `rule` is the only one that denies, and none lacks a fact.
    func isDeniedOnly(by rule: Rule) -> Bool {
        guard lack == nil, let denial, rules[denial].id == rule.id else { return false }
        return !rules[(denial + 1)...].contains { $0.outcome == .fail }
    }

    /// The rules in the order asked, but the one that decided last: the first that denies, else the first that lacks a
    /// fact, else the last that had to pass.
    mutating func takeDecided() -> [RuleOutcome] {
        if let place = denial ?? lack ?? pass, place != rules.count - 1 {
            let deciding = rules[place]
            for index in place..<rules.count - 1 { rules[index] = rules[index + 1] }
            rules[rules.count - 1] = deciding
        }
        return rules
    }

    private mutating func consider(_ other: Refusal) {
        guard let refusal else {
            self.refusal = other
            return
        }
        if refusal.errno != other.errno { errnoUncertain = true }
        if refusal.scan != other.scan { scanUncertain = true }
    }

    private mutating func add(
        _ rule: Rule, _ outcome: RuleOutcome.Outcome, _ finding: FixedText, _ first: Fact?, _ second: Fact?
    ) {
        rules.append(
            RuleOutcome(
                id: rule.id, outcome: outcome, evidence: finding, first: first, second: second, source: rule.source))
    }
}
