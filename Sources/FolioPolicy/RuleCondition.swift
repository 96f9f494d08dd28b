/// What a rule asks of a file: everything that is given must hold, and of a list one.
public struct RuleCondition: Hashable, Sendable {
    /// Patterns of its path below the source; empty: any path.
    public var paths: [PathPattern] = []
    /// Its size; nil: at least one PMD chunk, without which there is no huge page.
    public var size: SizeRange?
    /// What it is; empty: anything.
    public var kinds: FileKinds = []
    /// Bytes that it holds; empty: any.
    public var magics: [FileMagic] = []
    /// Whether it is opened by an execve(2); nil: by whatever.
    public var exec: Bool?
    /// User ids of its owner; empty: anybody.
    public var owners: [UInt32] = []
    /// Group ids; empty: any group.
    public var groups: [UInt32] = []
    /// How often it has been opened of late; nil: however often.
    public var heat: OpenHeat?

    /// A condition that every file of at least one PMD chunk meets.
    public init() {}

    /// Whether it holds; nil: what is not known of the file would decide.
    func holds(for subject: RuleSubject, pmdSize: Int) -> Bool? {
        var isKnown = true
        /// Takes one part's answer: false ends it all.
        func fails(_ part: Bool?) -> Bool {
            if part == nil { isKnown = false }
            return part == false
        }
        let range = size ?? SizeRange(smallest: pmdSize)
        if fails(subject.size.map(range.contains)) { return false }
        if let exec, exec != subject.exec { return false }
        if !owners.isEmpty, fails(subject.user.map(owners.contains)) { return false }
        if !groups.isEmpty, fails(subject.group.map(groups.contains)) { return false }
        if !kinds.isEmpty, fails(isOfKind(subject)) { return false }
        if let heat, !subject.heats.contains(heat) { return false }
        if !paths.isEmpty {
            if fails(subject.path.map { path in paths.contains { $0.matches(path) } }) { return false }
        }
        if !magics.isEmpty {
            if fails(subject.magics.map { found in magics.contains(where: found.contains) }) { return false }
        }
        return isKnown ? true : nil
    }

    private func isOfKind(_ subject: RuleSubject) -> Bool? {
        if !kinds.isDisjoint(with: subject.kinds) { return true }
        return kinds.isSubset(of: subject.knownKinds) ? false : nil
    }
}
