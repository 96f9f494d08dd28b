import FolioPolicy

/// Combines the dimensions into cases.
///
/// On every stage and for every operation: the base case, and every case that departs from it in one dimension. Every
/// pair of departures is dealt to one stage where it can be played, another for each operation and pair. What a rule
/// takes out is kept with the rule.
package enum ScenarioGenerator {
    /// A combination that is no case.
    package struct Pruned: Sendable {
        /// The combination.
        package let scenario: Scenario
        /// Why.
        package let rule: PruningRule
    }

    /// The cases, stage by stage, each once.
    package static let scenarios: [Scenario] = generated.scenarios
    /// What is no case.
    package static let pruned: [Pruned] = generated.pruned

    private static let generated: (scenarios: [Scenario], pruned: [Pruned]) = {
        var byStage: [String: [Scenario]] = [:]
        var seen: Set<Scenario> = []
        var pruned: [Pruned] = []
        func take(_ scenario: Scenario) {
            guard seen.insert(scenario).inserted else { return }
            if let rule = PruningRule.first(scenario) {
                pruned.append(Pruned(scenario: scenario, rule: rule))
            } else {
                byStage[scenario.stage, default: []].append(scenario)
            }
        }
        for recipe in StageRecipe.all {
            for operation in Operation.allCases {
                let base = Scenario(stage: recipe.name, operation: operation)
                take(base)
                for departure in departures {
                    var scenario = base
                    if departure.make(&scenario) { take(scenario) }
                }
            }
        }
        for point in ScenarioPoint.all {
            for scenario in point.scenarios { take(scenario) }
        }
        for scenario in pairs(pruned: &pruned) { take(scenario) }
        return (StageRecipe.all.flatMap { byStage[$0.name] ?? [] }, pruned)
    }()

    /// One value of one dimension.
    private struct Departure: Sendable {
        let dimension: Dimension
        let word: String

        /// Makes it; false: the scenario has the value already.
        func make(_ scenario: inout Scenario) -> Bool {
            dimension.word(scenario) != word && dimension.set(&scenario, word)
        }
    }

    private static let departures: [Departure] = Dimension.all.flatMap { dimension in
        dimension.words.map { Departure(dimension: dimension, word: $0) }
    }

    /// Every pair of departures, for every operation, on one stage each.
    private static func pairs(pruned: inout [Pruned]) -> [Scenario] {
        let stages = StageRecipe.all
        var scenarios: [Scenario] = []
        var turn = 0
        for (index, first) in departures.enumerated() {
            for second in departures[(index + 1)...] where second.dimension.name != first.dimension.name {
                for operation in Operation.allCases {
                    turn += 1
                    var refused: Pruned?
                    let dealt = stages.indices.lazy.compactMap { step -> Scenario? in
                        let stage = stages[(turn + step) % stages.count]
                        var scenario = Scenario(stage: stage.name, operation: operation)
                        guard first.make(&scenario), second.make(&scenario) else { return nil }
                        guard let rule = PruningRule.first(scenario) else { return scenario }
                        if refused == nil { refused = Pruned(scenario: scenario, rule: rule) }
                        return nil
                    }.first
                    if let dealt {
                        scenarios.append(dealt)
                    } else if let refused {
                        pruned.append(refused)
                    }
                }
            }
        }
        return scenarios
    }
}
