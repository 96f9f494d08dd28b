import FolioPolicy

/// Why a combination of dimensions is no case.
package struct PruningRule: Sendable {
    /// Its name.
    package let id: String
    /// Why, for a person.
    package let why: String
    /// Whether it takes the scenario out.
    let applies: @Sendable (Scenario, StageRecipe) -> Bool

    private init(_ id: String, _ why: String, _ applies: @escaping @Sendable (Scenario, StageRecipe) -> Bool) {
        self.id = id
        self.why = why
        self.applies = applies
    }

    /// The first rule that takes a scenario out; nil: it is a case.
    package static func first(_ scenario: Scenario) -> PruningRule? {
        guard let recipe = StageRecipe.named(scenario.stage) else { return nil }
        return all.first { $0.applies(scenario, recipe) }
    }

    /// Every rule, in the order asked.
    package static let all: [PruningRule] = [
        PruningRule("cache.stage", "that page cache cannot be brought about there") { scenario, recipe in
            !recipe.caches.contains(scenario.cache)
        },
        PruningRule("write.read-only", "nothing writes to a filesystem that is read-only") { scenario, recipe in
            recipe.isReadOnly && scenario.writes
        },
        PruningRule("write.served", "what a write leaves through a server is the server's to say, not the policy's") {
            scenario, recipe in recipe.isServed && scenario.writes
        },
        PruningRule("opener.backing", "there is no file beneath") { scenario, recipe in
            scenario.opener == .backingWriter && (recipe.foundation == nil || recipe.caches.contains(.asServed))
        },
        PruningRule("operation.write", "read(2) and write(2) do not look at mappings, which only show what they leave")
        {
            scenario, _ in
            (scenario.operation == .write || scenario.operation == .readahead)
                && (scenario.surroundings != .none || scenario.protection == .privateWrite)
        },
        PruningRule("access.store", "a store wants a fault and a mapping that may be written") { scenario, _ in
            scenario.access == .write
                && (scenario.operation != .fault
                    || scenario.protection != .sharedWrite && scenario.protection != .privateWrite)
        },
        PruningRule("state.copied", "only a private mapping that may be written copies pages") { scenario, _ in
            scenario.state == .copied && scenario.protection != .privateWrite
        },
        PruningRule("state.other-process", "it is done to the caller's mapping, not to the other process's") {
            scenario, _ in
            scenario.operation == .processCollapse && [.divided, .joined, .locked, .copied].contains(scenario.state)
        },
        PruningRule("state.first-touch", "what touches a mapping first finds it untouched") { scenario, _ in
            !scenario.operation.findsTouched && scenario.state != .untouched && scenario.state != .dirty
        },
        PruningRule("state.dirty-shmem", "pages of shmem are always dirty") { scenario, recipe in
            scenario.state == .dirty && recipe.isShmem
        },
        PruningRule("state.pmd-by-ptes", "only a PMD folio can be mapped by PTEs instead of a PMD") { scenario, _ in
            (scenario.state == .divided || scenario.state == .joined)
                && scenario.cache != .pmd && scenario.cache != .mixed && scenario.cache != .asServed
        },
        PruningRule("state.none", "nothing is mapped that this could be done to") { scenario, _ in
            scenario.file == .short && (scenario.placement == .ragged || scenario.placement == .tail)
        },
        PruningRule("cache.half-touched", "touching reads in the other half") { scenario, _ in
            scenario.cache == .half && scenario.state.touchesAll
        },
        PruningRule("cache.chunk", "the file has no whole chunk for a PMD folio") { scenario, _ in
            scenario.file == .short && (scenario.cache == .pmd || scenario.cache == .mixed)
        },
        PruningRule("cache.sparse", "one write(2) leaves no hole") { scenario, _ in
            scenario.file == .sparse && (scenario.cache == .written || scenario.operation == .write)
        },
        PruningRule("surroundings.alone", "what is alone has nothing beside it") { scenario, _ in
            scenario.placement == .alone && (scenario.surroundings == .twice || scenario.surroundings == .beside)
        },
        PruningRule("surroundings.cut", "there is no whole chunk to cut") { scenario, _ in
            scenario.surroundings == .cut
                && (scenario.file == .short || scenario.placement != .congruent && scenario.placement != .alone)
        },
        PruningRule("system.shmem", "only shmem obeys shmem_enabled") { scenario, recipe in
            (scenario.system == .shmemDeny || scenario.system == .shmemForce) && !recipe.isShmem
        },
        PruningRule("system.group-limit", "only a collapse fails there; a fault is killed") { scenario, _ in
            scenario.system == .groupLimit && scenario.operation != .collapse
        },
    ]
}

extension Operation {
    /// Whether it is MADV_COLLAPSE, of this process or of another.
    var isCollapseCall: Bool { self == .collapse || self == .processCollapse }

    /// Whether it finds a mapping that has been touched, as a rule: it does not touch it itself.
    var findsTouched: Bool { isCollapseCall || self == .khugepaged }
}
