import CollapseHarness
import FolioPolicy
import Testing

@Suite("the scenarios")
struct ScenarioGeneratorTests {
    private let scenarios = ScenarioGenerator.scenarios

    @Test("there are thousands, no two are the same, and a case line is read back as what it was printed from")
    func lines() throws {
        #expect(scenarios.count >= 5000)
        #expect(Set(scenarios).count == scenarios.count)
        #expect(Set(scenarios.map(\.line)).count == scenarios.count)
        for scenario in scenarios {
            #expect(try Scenario(line: scenario.line) == scenario)
            #expect(PruningRule.first(scenario) == nil)
        }
    }

    @Test(
        "a line that is none says which word",
        arguments: [
            ("ext4", "is no stage and operation"), ("ext5 collapse", "no stage ext5"),
            ("ext4 collaps", "no operation collaps"), ("ext4 collapse colour=red", "no dimension colour"),
            ("ext4 collapse cache=red", "cache=red is no cache; one of small nothing"),
        ])
    func mistakes(line: String, sentence: String) {
        #expect {
            try Scenario(line: line)
        } throws: { error in
            "\(error)".contains(sentence)
        }
    }

    @Test("every value of every dimension is played with every operation that a rule does not keep it from")
    func values() {
        for dimension in Dimension.all {
            for operation in Operation.allCases {
                for word in dimension.words {
                    let isPlayed = scenarios.contains { $0.operation == operation && dimension.word($0) == word }
                    let isPruned = ScenarioGenerator.pruned.contains {
                        $0.scenario.operation == operation && dimension.word($0.scenario) == word
                    }
                    #expect(isPlayed || isPruned, "\(operation.rawValue) \(dimension.name)=\(word)")
                }
            }
            #expect(Set(scenarios.map(dimension.word)) == Set(dimension.words), "\(dimension.name)")
        }
    }

    @Test("every rule that takes something out says why, and takes something out")
    func rules() {
        #expect(Set(PruningRule.all.map(\.id)).count == PruningRule.all.count)
        let used = Set(ScenarioGenerator.pruned.map(\.rule.id))
        for rule in PruningRule.all { #expect(used.contains(rule.id) && !rule.why.isEmpty, "\(rule.id)") }
        #expect(!ScenarioGenerator.pruned.contains { scenarios.contains($0.scenario) })
    }

    @Test("every stage stands on one that is made before it, and plays every operation but what it cannot")
    func stages() {
        var made: Set<String> = []
        for recipe in StageRecipe.all {
            #expect(made.insert(recipe.name).inserted)
            if let foundation = recipe.foundation { #expect(made.contains(foundation)) }
            let played = Set(scenarios.filter { $0.stage == recipe.name }.map(\.operation))
            let kept: Set<Operation> = recipe.isReadOnly || recipe.isServed ? [.write] : []
            #expect(played == Set(Operation.allCases).subtracting(kept), "\(recipe.name)")
        }
    }

    @Test("whole chunks are those of the file inside the mapping")
    func chunks() {
        let mib = 1 << 20
        #expect(MappingShape(length: 4 * mib).wholeChunks(pmdSize: 2 * mib) == [0, 2 * mib])
        #expect(MappingShape(offset: mib, length: 6 * mib).wholeChunks(pmdSize: 2 * mib) == [2 * mib, 4 * mib])
        #expect(MappingShape(length: 2 * mib - 1).wholeChunks(pmdSize: 2 * mib).isEmpty)
        #expect(MappingShape(offset: mib, length: mib / 2).wholeChunks(pmdSize: 2 * mib).isEmpty)
    }
}
