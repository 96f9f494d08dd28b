/// One rule of the list by which files get their routes: what it asks of a file, and what it says of those that meet it.
///
/// What a rule leaves out (nil) is left to the next one that matches.
public struct RouteRule: Hashable, Sendable {
    /// What a person knows a rule by.
    public struct Label: Hashable, Codable, Sendable {
        /// Its name, which no other rule of the list has.
        public var name: String
        /// Where it is written: `built in`, `command line`, `/etc/foliofs/foliofs.conf:12`.
        public var place: String

        /// A label from its parts.
        public init(name: String, place: String) {
            self.name = name
            self.place = place
        }
    }

    /// Its name and place.
    public var label: Label
    /// Which files it speaks of.
    public var condition = RuleCondition()
    /// The routes to try, in order; where none can be taken the file is served plain.
    public var routes: [Route]?
    /// When huge folios are brought about.
    public var promote: PromotionTime?
    /// The way in which the source's own page cache is promoted; left out by every rule: the policy chooses.
    public var promotion: Promotion?
    /// Whether an execve's open shows p_align raised.
    public var alignedExec: Bool?

    /// A rule that speaks of every file of at least one PMD chunk and says nothing yet.
    public init(name: String, place: String) {
        label = Label(name: name, place: place)
    }

    /// Every file, by this route alone, where it can be taken.
    public static func forced(_ route: Route, place: String) -> RouteRule {
        var rule = RouteRule(name: "--route \(route.rawValue)", place: place)
        rule.condition.size = SizeRange(smallest: 0)
        rule.routes = [route]
        // A copy is made for its first open, or it serves nobody.
        if route == .staged { rule.promote = .open }
        return rule
    }

    /// The rules that hold without any file: each file by the first route that brings it huge pages; programs and libraries
    /// are promoted when they are opened, other files when somebody asks.
    public static let builtIn: [RouteRule] = {
        var programs = RouteRule(name: "programs", place: "built in")
        programs.condition.kinds = [.executable, .elf]
        programs.promote = .open
        var everything = RouteRule(name: "everything", place: "built in")
        everything.routes = [.native, .staged, .fallback, .plain]
        everything.promote = .asked
        everything.alignedExec = true
        return [programs, everything]
    }()
}
