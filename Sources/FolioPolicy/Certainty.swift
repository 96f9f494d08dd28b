/// Whether an answer that lacks facts is open in truth: whether values of theirs lead to different answers.
///
/// Rules that are asked one by one cannot see that two of them hang on the same fact, so that one of them denies
/// whatever it is. Here every value of what is lacking is tried, as far as it can matter, until two answers differ or none
/// is left. Values that cannot be together are left out.
struct Certainty {
    /// What has been found so far.
    private var leaves: [Decision] = []
    private var hasAllowed = false
    private var hasDenied = false
    private var budget = Self.limit

    /// Cases that are tried before the answer stays unknown.
    private static let limit = 6000

    /// The answer to `query`, of which the rules said `answer`, unknown.
    static func refined(_ query: PolicyQuery, _ answer: Decision) -> Decision {
        var search = Certainty()
        search.visit(query)
        guard search.budget > 0, search.hasAllowed != search.hasDenied else { return answer }
        var refined = Combination.decision(of: search.leaves, lacking: answer.missing)
        refined.missing = []
        return refined
    }

    private var isDecided: Bool { hasAllowed && hasDenied || budget <= 0 }

    /// Tries what `query` leaves open.
    private mutating func visit(_ query: PolicyQuery) {
        guard !isDecided else { return }
        budget -= 1
        guard query.isPossible else { return }
        var lacking: [String]?
        if query.kernel.version != nil, let answer = decideByRules(query) {
            switch answer.verdict {
            case .allowed: hasAllowed = true
            case .denied: hasDenied = true
            case .unknown: lacking = answer.missing
            }
            if lacking == nil {
                leaves.append(answer)
                return
            }
        }
        guard let fact = next(query, lacking) else {
            // What is lacking is no fact of a query: it stays open.
            (hasAllowed, hasDenied) = (true, true)
            return
        }
        for filled in fact.fill(query) { visit(filled) }
    }

    /// The fact to be tried next: one that a rule lacks, else one that decides whether what is known can be at all.
    private func next(_ query: PolicyQuery, _ lacking: [String]?) -> OpenFact? {
        guard let lacking else { return OpenFact.all.first { $0.isOpen(query) } }
        let named = OpenFact.all.first { lacking.contains($0.name) && $0.isOpen(query) }
        if let named { return named }
        // A rule names what the capability lacks, not the part of it that it would look at.
        return OpenFact.all.first { $0.name.hasPrefix("capability.") && $0.isOpen(query) }
    }
}
