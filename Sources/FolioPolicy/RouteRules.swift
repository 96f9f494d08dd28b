/// The rules by which files get their routes, in order: for each thing that rules say, the first that matches and says it
/// decides.
public struct RouteRules: Hashable, Sendable {
    /// What some rule looks at, and must therefore be found out about a file.
    public struct Needs: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Needs from their bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The path below the source.
        public static let path = Needs(rawValue: 1)
        /// What `FileKinds.ofImages` tells apart.
        public static let images = Needs(rawValue: 2)
        /// Bytes of the file.
        public static let magics = Needs(rawValue: 4)
        /// Whether an execve opens it.
        public static let exec = Needs(rawValue: 8)
    }

    /// The rules, those that are built in last.
    public let rules: [RouteRule]
    /// What they look at.
    public let needs: Needs
    /// The bytes that they ask for.
    public let magics: [FileMagic]
    /// How often files must have been opened, each heat once.
    public let heats: [OpenHeat]
    /// The smallest size that a rule names; nil: none names any, and none speaks of a file of less than one PMD chunk.
    private let smallestNamed: Int?

    /// The rules that hold without any file and option.
    public static let builtIn = RouteRules([])

    /// Rules that come before those that are built in.
    public init(_ first: [RouteRule]) {
        rules = first + RouteRule.builtIn
        let conditions = rules.map(\.condition)
        var needs: Needs = []
        if conditions.contains(where: { !$0.paths.isEmpty }) { needs.insert(.path) }
        if conditions.contains(where: { !$0.kinds.isDisjoint(with: .ofImages) }) { needs.insert(.images) }
        if conditions.contains(where: { !$0.magics.isEmpty }) { needs.insert(.magics) }
        if conditions.contains(where: { $0.exec != nil }) { needs.insert(.exec) }
        self.needs = needs
        magics = Array(Set(conditions.flatMap(\.magics)))
        heats = Array(Set(conditions.compactMap(\.heat)))
        smallestNamed = conditions.compactMap { $0.size?.smallest }.min()
    }

    /// The smallest file that some rule may speak of, in bytes.
    public func smallestFile(pmdSize: Int) -> Int { min(smallestNamed ?? pmdSize, pmdSize) }

    /// What the rules say of a file.
    public func choose(_ subject: RuleSubject, pmdSize: Int) -> RuleChoice {
        var choice = RuleChoice()
        for rule in rules {
            switch rule.condition.holds(for: subject, pmdSize: pmdSize) {
            case false?: continue
            case nil:
                choice.unsure.append(rule.label)
                continue
            case true?: break
            }
            if choice.routes == nil, let routes = rule.routes { (choice.routes, choice.rule) = (routes, rule.label) }
            if choice.promote == nil, let promote = rule.promote {
                (choice.promote, choice.promoteRule) = (promote, rule.label)
            }
            if choice.promotion == nil { choice.promotion = rule.promotion }
            if choice.alignedExec == nil { choice.alignedExec = rule.alignedExec }
        }
        return choice
    }
}
