import CollapseHarness
import FolioPolicy
import Testing

@Suite("the scenarios")
struct ScenarioTableTests {
    @Test("there are hundreds, and no two have one name")
    func names() {
        let names = ScenarioTable.scenarios.map(\.name)
        #expect(names.count >= 500)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0.isASCII && !$0.isWhitespace } })
    }

    @Test("every stage stands on one that is made before it, and plays something")
    func stages() {
        var made: Set<String> = []
        for recipe in StageRecipe.all {
            #expect(made.insert(recipe.name).inserted)
            if let foundation = recipe.foundation { #expect(made.contains(foundation)) }
            #expect(ScenarioTable.scenarios.contains { $0.stage == recipe.name })
        }
    }

    @Test("every mapping is page-aligned, and every operation but khugepaged is played")
    func shapes() {
        for scenario in ScenarioTable.scenarios {
            #expect(scenario.mapping.offset % 4096 == 0 && scenario.mapping.length > 0 && scenario.fileSize > 0)
        }
        let played = Set(ScenarioTable.scenarios.map(\.operation))
        #expect(played == Set(Operation.allCases).subtracting([.khugepaged]))
    }

    @Test("nothing is written to a stage that is read-only")
    func readOnly() {
        let readOnly = Set(StageRecipe.all.filter(\.isReadOnly).map(\.name))
        #expect(!readOnly.isEmpty)
        #expect(!ScenarioTable.scenarios.contains { readOnly.contains($0.stage) && $0.writes })
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
