/// One answer from those of several possible cases.
enum Combination {
    /// What holds whichever of `cases` is the real one; where they differ, `lacking` is what would tell them apart.
    ///
    /// - Parameter cases: not empty; the rules shown are those of the last one.
    static func decision(of cases: [Decision], lacking: [String]) -> Decision {
        var answer = cases[cases.count - 1]
        let unanimous = cases.allSatisfy { $0.verdict == answer.verdict }
        let lack = RuleOutcome(
            id: "facts.known", outcome: .unknown, evidence: "the other rules are of one of the possible cases",
            source: "every case asked in turn")
        if cases.contains(where: { $0.errno != answer.errno }) { answer.errno = nil }
        if cases.contains(where: { $0.scanReason != answer.scanReason }) { answer.scanReason = nil }
        if cases.contains(where: { $0.orders != answer.orders }) { answer.orders = nil }
        if cases.contains(where: { $0.chunks != answer.chunks }) { answer.chunks = .empty }
        if unanimous && answer.verdict != .unknown {
            answer.rules.insert(lack, at: 0)
            return answer
        }
        answer.rules.append(lack)
        answer.verdict = .unknown
        answer.errno = nil
        answer.scanReason = nil
        answer.orders = nil
        answer.chunks = .empty
        answer.missing = lacking
        for decision in cases {
            for fact in decision.missing where !answer.missing.contains(fact) { answer.missing.append(fact) }
        }
        return answer
    }
}
