import FolioPolicy

/// Every scenario: each stage with each variant that can play on it.
package enum ScenarioTable {
    /// What is done to a file, on whatever stage.
    struct Variant: Sendable {
        let name: String
        var size = 4 << 20
        var cache = Scenario.Cache.small
        var mapping = MappingShape(length: 4 << 20)
        var actions: Set<Scenario.Action> = []
        let operation: Operation
    }

    /// The scenarios, stage by stage.
    package static let scenarios: [Scenario] = StageRecipe.all.flatMap { recipe in
        variants.compactMap { variant in
            let scenario = Scenario(
                name: recipe.name + "/" + variant.name, stage: recipe.name, fileSize: variant.size,
                cache: variant.cache, mapping: variant.mapping, actions: variant.actions, operation: variant.operation)
            return recipe.plays(scenario) ? scenario : nil
        }
    }

    /// The variants, an operation at a time.
    static let variants: [Variant] =
        collapses + processCollapses + faults + populates + readsAndWrites + served

    private static let whole = 4 << 20
    private static let mib = 1 << 20

    private static func mapping(_ change: (inout MappingShape) -> Void) -> MappingShape {
        var shape = MappingShape(length: whole)
        change(&shape)
        return shape
    }

    private static let exec = mapping { $0.exec = true }
    private static let shared = mapping { $0.sharedWritable = true }
    private static let offByPage = mapping {
        $0.exec = true
        $0.placement = .offByPage
    }
    private static let huge = mapping { $0.advice = .hugePage }
    private static let noHuge = mapping { $0.advice = .noHugePage }
    private static let alone = mapping {
        $0.exec = true
        $0.alone = true
    }
    /// Whole chunks from 2 MiB to 6 MiB, part of one on either side.
    private static let ragged = MappingShape(offset: mib, length: 6 * mib, exec: true)

    private static let collapses: [Variant] = [
        Variant(name: "read-small-collapse", actions: [.touch], operation: .collapse),
        Variant(name: "exec-small-collapse", mapping: exec, actions: [.touch], operation: .collapse),
        Variant(name: "exec-read-collapse", cache: .read, mapping: exec, actions: [.touch], operation: .collapse),
        Variant(name: "exec-nothing-collapse", cache: .nothing, mapping: exec, actions: [], operation: .collapse),
        Variant(name: "read-pmd-collapse", cache: .pmd, actions: [.touch], operation: .collapse),
        Variant(name: "exec-pmd-collapse", cache: .pmd, mapping: exec, actions: [.touch], operation: .collapse),
        Variant(name: "pmd-untouched-collapse", cache: .pmd, mapping: alone, operation: .collapse),
        Variant(name: "shared-small-collapse", mapping: shared, actions: [.touch], operation: .collapse),
        Variant(name: "shared-pmd-collapse", cache: .pmd, mapping: shared, actions: [.touch], operation: .collapse),
        Variant(
            name: "writer-small-collapse", mapping: exec, actions: [.touch, .openForWrite], operation: .collapse),
        Variant(name: "dirty-collapse", mapping: exec, actions: [.touch, .dirty], operation: .collapse),
        Variant(name: "offbypage-small-collapse", mapping: offByPage, actions: [.touch], operation: .collapse),
        Variant(
            name: "offbypage-pmd-collapse", cache: .pmd, mapping: offByPage, actions: [.touch], operation: .collapse),
        Variant(name: "pastend-collapse", size: 3 << 20, mapping: exec, actions: [.touch], operation: .collapse),
        Variant(
            name: "raggedend-collapse", size: (4 << 20) - 100, mapping: exec, actions: [.touch], operation: .collapse),
        Variant(name: "ragged-collapse", size: 8 << 20, mapping: ragged, actions: [.touch], operation: .collapse),
        Variant(
            name: "nowhole-collapse", size: mib, mapping: MappingShape(length: mib, exec: true), actions: [.touch],
            operation: .collapse),
        Variant(name: "nohuge-small-collapse", mapping: noHuge, actions: [.touch], operation: .collapse),
        Variant(name: "nohuge-pmd-collapse", cache: .pmd, mapping: noHuge, actions: [.touch], operation: .collapse),
        Variant(name: "huge-small-collapse", mapping: huge, actions: [.touch], operation: .collapse),
        Variant(
            name: "disabled-small-collapse", mapping: exec, actions: [.touch, .disableHugePages],
            operation: .collapse),
        Variant(name: "untouched-alone-collapse", mapping: alone, operation: .collapse),
        Variant(name: "untouched-collapse", mapping: exec, operation: .collapse),
    ]

    private static let processCollapses: [Variant] = [
        Variant(name: "read-small-process", actions: [.touch], operation: .processCollapse),
        Variant(name: "exec-small-process", mapping: exec, actions: [.touch], operation: .processCollapse),
        Variant(name: "exec-pmd-process", cache: .pmd, mapping: exec, actions: [.touch], operation: .processCollapse),
        Variant(name: "offbypage-process", mapping: offByPage, actions: [.touch], operation: .processCollapse),
        Variant(name: "nohuge-process", mapping: noHuge, actions: [.touch], operation: .processCollapse),
        Variant(name: "untouched-alone-process", mapping: alone, operation: .processCollapse),
    ]

    private static let faults: [Variant] = [
        Variant(name: "nothing-fault", cache: .nothing, operation: .fault),
        Variant(name: "huge-nothing-fault", cache: .nothing, mapping: huge, operation: .fault),
        Variant(
            name: "exec-huge-nothing-fault", cache: .nothing,
            mapping: mapping {
                $0.exec = true
                $0.advice = .hugePage
            }, operation: .fault),
        Variant(
            name: "offbypage-huge-nothing-fault", cache: .nothing,
            mapping: mapping {
                $0.placement = .offByPage
                $0.advice = .hugePage
            }, operation: .fault),
        Variant(
            name: "pastend-huge-nothing-fault", size: 3 << 20, cache: .nothing, mapping: huge, operation: .fault),
        Variant(
            name: "ragged-huge-nothing-fault", size: 8 << 20, cache: .nothing,
            mapping: MappingShape(offset: mib, length: 6 * mib, advice: .hugePage), operation: .fault),
        Variant(name: "huge-small-fault", mapping: huge, operation: .fault),
        Variant(name: "small-fault", operation: .fault),
        Variant(name: "read-fault", cache: .read, operation: .fault),
        Variant(name: "pmd-fault", cache: .pmd, operation: .fault),
        Variant(name: "exec-pmd-fault", cache: .pmd, mapping: exec, operation: .fault),
        Variant(name: "shared-pmd-fault", cache: .pmd, mapping: shared, operation: .fault),
        Variant(name: "offbypage-pmd-fault", cache: .pmd, mapping: offByPage, operation: .fault),
        Variant(name: "nohuge-pmd-fault", cache: .pmd, mapping: noHuge, operation: .fault),
        Variant(name: "disabled-pmd-fault", cache: .pmd, actions: [.disableHugePages], operation: .fault),
        Variant(name: "writer-pmd-fault", cache: .pmd, actions: [.openForWrite], operation: .fault),
        Variant(name: "pastend-pmd-fault", size: 3 << 20, cache: .pmd, operation: .fault),
        Variant(name: "ragged-pmd-fault", size: 8 << 20, cache: .pmd, mapping: ragged, operation: .fault),
        Variant(
            name: "nowhole-huge-fault", size: mib, cache: .nothing,
            mapping: MappingShape(length: mib, advice: .hugePage), operation: .fault),
    ]

    private static let populates: [Variant] = [
        Variant(name: "nothing-populate", cache: .nothing, operation: .populate),
        Variant(name: "huge-nothing-populate", cache: .nothing, mapping: huge, operation: .populate),
        Variant(name: "pmd-populate", cache: .pmd, mapping: exec, operation: .populate),
        Variant(name: "huge-small-populate", mapping: huge, operation: .populate),
        Variant(
            name: "nohuge-nothing-populate", cache: .nothing, mapping: noHuge, operation: .populate),
    ]

    private static let readsAndWrites: [Variant] = [
        Variant(name: "nothing-readahead", cache: .nothing, operation: .readahead),
        Variant(name: "small-readahead", operation: .readahead),
        Variant(name: "pmd-readahead", cache: .pmd, operation: .readahead),
        Variant(name: "nothing-write", cache: .nothing, operation: .write),
        Variant(name: "small-write", operation: .write),
        Variant(name: "pmd-write", cache: .pmd, operation: .write),
        Variant(name: "ragged-write", size: 8 << 20, cache: .nothing, mapping: ragged, operation: .write),
    ]

    /// What a server has in the page cache of a file that was just opened.
    private static let served: [Variant] = [
        Variant(name: "served-fault", cache: .asServed, operation: .fault),
        Variant(name: "served-exec-fault", cache: .asServed, mapping: exec, operation: .fault),
        Variant(name: "served-huge-fault", cache: .asServed, mapping: huge, operation: .fault),
        Variant(name: "served-nohuge-fault", cache: .asServed, mapping: noHuge, operation: .fault),
        Variant(name: "served-offbypage-fault", cache: .asServed, mapping: offByPage, operation: .fault),
        Variant(name: "served-pastend-fault", size: 3 << 20, cache: .asServed, operation: .fault),
        Variant(name: "served-ragged-fault", size: 8 << 20, cache: .asServed, mapping: ragged, operation: .fault),
        Variant(name: "served-populate", cache: .asServed, mapping: exec, operation: .populate),
        Variant(name: "served-readahead", cache: .asServed, operation: .readahead),
        Variant(name: "served-read-collapse", cache: .asServed, actions: [.touch], operation: .collapse),
        Variant(name: "served-exec-collapse", cache: .asServed, mapping: exec, actions: [.touch], operation: .collapse),
        Variant(name: "served-untouched-collapse", cache: .asServed, mapping: alone, operation: .collapse),
        Variant(
            name: "served-pastend-collapse", size: 3 << 20, cache: .asServed, mapping: exec, actions: [.touch],
            operation: .collapse),
        Variant(
            name: "served-exec-process", cache: .asServed, mapping: exec, actions: [.touch],
            operation: .processCollapse),
    ]
}
