package import FolioPolicy

/// One case: a file on a filesystem, opened, mapped and prepared in some way, and an operation on it.
///
/// Every part is a word of its case line: `xfs collapse cache=pmd protection=exec`, where what is not said is as in the
/// base case of the operation.
package struct Scenario: Hashable, Sendable {
    /// The name of the stage it plays on: filesystem, options and view (`ext4-journal`, `foliofs-staged-ext4`).
    package var stage: String
    /// The operation.
    package var operation: Operation
    /// The file.
    package var file = FileShape.whole
    /// What its page cache holds.
    package var cache = CacheContent.small
    /// Who else has it open.
    package var opener = Opener.none
    /// How it is mapped.
    package var protection = Protection.read
    /// What of it is mapped, and where.
    package var placement = Placement.congruent
    /// What else is mapped.
    package var surroundings = Surroundings.none
    /// What madvise(2) says of the mapping, before anything is touched.
    package var advice = MappingAdvice.none
    /// What touches it in a fault.
    package var access = MappingAccess.read
    /// What has happened to the mapping.
    package var state: MappingState
    /// The controls.
    package var system = SystemSetting.asFound

    /// The base case of an operation on a stage: what collapses finds a touched mapping, what touches it an untouched one.
    package init(stage: String, operation: Operation) {
        self.stage = stage
        self.operation = operation
        state = operation.findsTouched ? .touched : .untouched
        if let recipe = StageRecipe.named(stage), !recipe.caches.contains(cache) {
            cache = CacheContent.allCases.first { recipe.caches.contains($0) } ?? cache
        }
    }

    /// Whether a file of it must be writable by the path that is mapped.
    package var writes: Bool {
        protection == .sharedWrite || operation == .write || state == .dirty || opener.writes
    }

    /// The case line.
    package var line: String {
        let base = Scenario(stage: stage, operation: operation)
        let words = Dimension.all.compactMap { dimension in
            let word = dimension.word(self)
            return word == dimension.word(base) ? nil : "\(dimension.name)=\(word)"
        }
        return ([stage, operation.rawValue] + words).joined(separator: " ")
    }

    /// The scenario of a case line; its words may be in any order after the first two.
    /// - Throws: `ScenarioLineError`, which names the word and what it could be.
    package init(line: String) throws(ScenarioLineError) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 2 else { throw ScenarioLineError("\"\(line)\" is no stage and operation") }
        guard StageRecipe.named(words[0]) != nil else {
            throw ScenarioLineError("no stage \(words[0])", StageRecipe.all.map(\.name))
        }
        guard let operation = Operation(rawValue: words[1]) else {
            throw ScenarioLineError("no operation \(words[1])", Operation.allCases.map(\.rawValue))
        }
        self.init(stage: words[0], operation: operation)
        for word in words.dropFirst(2) {
            let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard let dimension = Dimension.all.first(where: { $0.name == pair[0] }) else {
                throw ScenarioLineError("no dimension \(pair[0])", Dimension.all.map(\.name))
            }
            guard pair.count == 2, dimension.set(&self, pair[1]) else {
                throw ScenarioLineError("\(word) is no \(dimension.name)", dimension.words)
            }
        }
    }
}
