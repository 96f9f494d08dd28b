import FolioCapability
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Plays one scenario on its stage.
struct ScenarioRunner {
    let reader: FactReader
    let kernel: KernelFacts
    let registry: CapabilityRegistry
    let trace: KhugepagedTrace?
    let workspace: FilePath
    /// Whether settings of the machine may be changed for the length of a scenario.
    let mayChangeSettings: Bool

    private var geometry: PageGeometry { kernel.geometry }

    /// - Throws: `Unavailable`, or what a call said that was to prepare it.
    func run(_ scenario: Scenario, on stage: Stage, number: Int) throws -> ScenarioOutcome {
        let setter = CacheSetter(geometry: geometry)
        let (name, layout) = try setter.prepare(scenario, on: stage, number: number)
        defer {
            // By the view, so that a server lets go of it.
            if !stage.recipe.isReadOnly { _ = stage.view.appending(name).withPlatformString { unlink($0) } }
        }
        let path = stage.view.appending(name)
        let mode: FileDescriptor.AccessMode = scenario.protection == .sharedWrite ? .readWrite : .readOnly
        let file = try FileDescriptor.open(path, mode, options: [.closeOnExec])
        defer { try? file.close() }
        if let lack = setter.lacking(scenario, file) ?? stage.lacking(file) { throw Unavailable(reason: lack) }
        let watch = TraceWatch(trace, filename: name)
        let scene = ScenarioScene(
            scenario: scenario, stage: stage, path: path, source: stage.directory.appending(name), file: file,
            size: scenario.file.size(pmdSize: geometry.pmdSize), layout: layout, watch: watch, geometry: geometry)
        let controls = try ScenarioControls(
            scenario, geometry: geometry, workspace: workspace, mayChange: mayChangeSettings)
        var outcome = try withExtendedLifetime(controls) { try play(scene, controls.group) }
        _ = watch.results()
        outcome.disturbed = watch.disturbed && scenario.operation != .khugepaged
        return outcome
    }

    private func play(_ scene: ScenarioScene, _ group: SmallMemoryGroup?) throws -> ScenarioOutcome {
        let scenario = scene.scenario
        let preparation = try MappingPreparation(scene)
        let mapping = try FileMapping(scene.file, scene.shape, geometry: geometry)
        var child: Toucher?
        if scenario.operation == .processCollapse {
            let length = scene.inside(mapping.shape.offset, mapping.shape.length)
            let step =
                switch scenario.state {
                case .untouched: 0
                case .partly: geometry.pmdSize
                default: geometry.pageSize
                }
            if scenario.state == .pinned || scenario.state == .dirty { try preparation.apply(to: mapping) }
            // The child's mapping is what this process's is when it is forked.
            if scenario.surroundings == .cut { try preparation.cut(mapping) }
            child = try Toucher(mapping.range(mapping.shape.offset, length), step: step)
        } else {
            try preparation.apply(to: mapping)
        }
        return try withExtendedLifetime(preparation) {
            try preparation.withNeighbour {
                switch scenario.operation {
                case .collapse, .processCollapse: try collapse(scene, mapping, child, group)
                case .khugepaged: try background(scene, mapping)
                case .fault, .populate, .readahead, .write: try foreground(scene, mapping)
                }
            }
        }
    }

    /// Collapses chunk by chunk.
    private func collapse(
        _ scene: ScenarioScene, _ mapping: borrowing FileMapping, _ child: Toucher?, _ group: SmallMemoryGroup?
    ) throws -> ScenarioOutcome {
        let observer = MappingObserver(geometry: geometry, process: child?.process)
        var chunks: [ScenarioOutcome.Chunk] = []
        for (offset, length) in scene.units {
            let situation = try situation(scene)
            let decision = situation.decide(facts(scene, mapping, offset, length, observer), scene.scenario.operation)
            let seen = look(scene, mapping, offset, length, observer, expecting: decision) { () throws(Errno) in
                try group?.enter()
                defer { try? group?.leave() }
                if let child {
                    try child.collapse(mapping.range(offset, length))
                } else {
                    try mapping.collapse(offset, length)
                }
            }
            chunks.append(.init(offset: offset, decision: decision, seen: seen))
        }
        return ScenarioOutcome(chunks: chunks)
    }

    /// Has khugepaged come by until it has done what was predicted, or often enough to show that it does not.
    private func background(_ scene: ScenarioScene, _ mapping: borrowing FileMapping) throws -> ScenarioOutcome {
        let observer = MappingObserver(geometry: geometry)
        let passes = try KhugepagedPasses(geometry: geometry)
        let situation = try situation(scene)
        let predicted = scene.units.map { unit in
            (unit, situation.decide(facts(scene, mapping, unit.offset, unit.length, observer), .khugepaged))
        }
        let before = predicted.map { unit, _ in
            // Where nothing was touched, the touch afterwards maps a PMD folio by itself.
            scene.scenario.state == .untouched
                && situation.decide(facts(scene, mapping, unit.offset, unit.length, observer), .fault).verdict
                    == .allowed
                ? true : observer.isPmdMapped(mapping.range(unit.offset, unit.length))
        }
        let pages = predicted.map { observer.pages(mapping.range($0.0.offset, $0.0.length)) }
        // Pages that a batch of the LRU holds are taken at a later pass.
        for _ in 0..<10 {
            guard passes.wait(3) else { break }
            touch(scene, mapping)
            let isDone = predicted.allSatisfy { unit, decision in
                decision.verdict != .allowed || observer.isPmdMapped(mapping.range(unit.offset, unit.length)) != false
            }
            if isDone { break }
        }
        touch(scene, mapping)
        let reasons = scene.watch.results().filter { !$0.own }.map(\.result)
        return ScenarioOutcome(
            chunks: predicted.enumerated().map { index, prediction in
                let (unit, decision) = prediction
                var seen = seen(scene, mapping, unit, observer, before[index])
                seen.moved = MappingObserver.moved(
                    from: pages[index], to: observer.pages(mapping.range(unit.offset, unit.length)))
                seen.scanReason = reasons.last
                return .init(offset: unit.offset, decision: decision, seen: seen)
            })
    }

    /// Faults, reads or writes all that is mapped.
    private func foreground(_ scene: ScenarioScene, _ mapping: borrowing FileMapping) throws -> ScenarioOutcome {
        let observer = MappingObserver(geometry: geometry)
        let situation = try situation(scene)
        let predicted = scene.units.map { unit in
            (
                unit,
                situation.decide(
                    facts(scene, mapping, unit.offset, unit.length, observer), scene.scenario.operation)
            )
        }
        let before = predicted.map { observer.isPmdMapped(mapping.range($0.0.offset, $0.0.length)) }
        try operate(scene, mapping)
        return ScenarioOutcome(
            chunks: predicted.enumerated().map { index, prediction in
                let (unit, decision) = prediction
                return .init(
                    offset: unit.offset, decision: decision,
                    seen: seen(scene, mapping, unit, observer, before[index]))
            })
    }

    /// An operation that is no collapse, on all of the mapping.
    private func operate(_ scene: ScenarioScene, _ mapping: borrowing FileMapping) throws {
        let (offset, length) = (mapping.shape.offset, mapping.shape.length)
        let inside = scene.inside(offset, length)
        switch scene.scenario.operation {
        case .fault, .khugepaged, .collapse, .processCollapse: break
        case .populate:
            for part in stride(from: 0, to: inside, by: geometry.pmdSize) {
                try? mapping.populate(offset + part, min(geometry.pmdSize, inside - part))
            }
        case .readahead:
            var buffer = [UInt8](repeating: 0, count: 128 << 10)
            for position in stride(from: offset, to: offset + inside, by: buffer.count) {
                _ = try systemCall { pread(scene.file.rawValue, &buffer, buffer.count, off_t(position)) }
            }
        case .write:
            let writer = try FileDescriptor.open(scene.path, .readWrite, options: [.closeOnExec])
            defer { try? writer.close() }
            let bytes = Content.bytes(offset, inside, size: scene.size)
            let got = try systemCall { pwrite(writer.rawValue, bytes, bytes.count, off_t(offset)) }
            guard got == bytes.count else { throw Errno.noSpace }
        }
        if scene.scenario.access == .write {
            for page in stride(from: offset, to: offset + inside, by: geometry.pageSize) {
                mapping.store(page, scene.byte(page))
            }
        } else if scene.scenario.operation != .populate {
            touch(scene, mapping)
        }
    }

    /// Calls, and looks before and after.
    private func look(
        _ scene: ScenarioScene, _ mapping: borrowing FileMapping, _ offset: Int, _ length: Int,
        _ observer: MappingObserver, expecting decision: Decision, _ call: () throws(Errno) -> Void
    ) -> ChunkObservation {
        let range = mapping.range(offset, length)
        let before = observer.isPmdMapped(range)
        let pages = observer.pages(range)
        let folios = decision.verdict == .denied ? cached(scene, offset, length) : nil
        _ = scene.watch.results()
        let errno = CollapseCall.run(expecting: decision, call)
        let reason = scene.watch.results().last { $0.own }?.result
        let pmdMapped = observer.isPmdMapped(range)
        let after = observer.frames(range)
        var seen = ChunkObservation(
            errno: errno, pmdMappedBefore: before, pmdMapped: pmdMapped,
            moved: MappingObserver.moved(from: pages, to: after?.map(\.page)),
            orders: after.map { FolioOrderSet($0.map(\.order)) },
            scanReason: reason, traced: scene.watch.isOn, contentIntact: scene.isIntact(offset, length))
        if errno != nil, let folios, let now = cached(scene, offset, length) {
            seen.foliosKept =
                scene.stage.recipe.isShmem ? folios == now : folios.subtracting(now).isEmpty
        }
        return seen
    }

    /// The folios in the page cache of a range, each as where it is and in which frames.
    private func cached(_ scene: ScenarioScene, _ offset: Int, _ length: Int) -> Set<FolioPlace>? {
        let folios = try? CachedFolio.read(scene.file, offset: offset, length: length, geometry: geometry)
        return folios.map { Set($0.map { FolioPlace(offset: $0.offset, order: $0.order, frame: $0.frame) }) }
    }

    /// What is seen of a part after an operation that returns nothing.
    private func seen(
        _ scene: ScenarioScene, _ mapping: borrowing FileMapping, _ unit: (offset: Int, length: Int),
        _ observer: MappingObserver, _ before: Bool?
    ) -> ChunkObservation {
        let range = mapping.range(unit.offset, unit.length)
        let pmdMapped = observer.isPmdMapped(range)
        let after = observer.frames(range)
        return ChunkObservation(
            pmdMappedBefore: before, pmdMapped: pmdMapped, orders: after.map { FolioOrderSet($0.map(\.order)) },
            contentIntact: scene.isIntact(
                mapping, unit.offset, unit.length, rewritten: scene.scenario.operation == .write))
    }

    private func situation(_ scene: ScenarioScene) throws(LinuxError) -> Situation {
        var situation = try Situation(
            scene.path, open: scene.file, reader: reader, kernel: kernel, registry: registry,
            filesystem: scene.stage.filesystem)
        let scenario = scene.scenario
        // The inode whose writers count is that of the pages: through a mount that passes mappings on, the source's.
        if scene.stage.recipe.isServed, scene.stage.filesystem?.layers.isEmpty == false,
            let source = try? FileDescriptor.open(scene.source, .readOnly, options: [.closeOnExec])
        {
            situation.file.openForWrite = OpenForWrite.ask(source)
            try? source.close()
        }
        if scenario.state == .pinned { situation.file.extraReferences = true }
        if scenario.system == .groupLimit { situation.system.memoryCgroupHasRoom = false }
        return situation
    }

    private func facts(
        _ scene: ScenarioScene, _ mapping: borrowing FileMapping, _ offset: Int, _ length: Int,
        _ observer: MappingObserver
    ) -> MappingFacts {
        let shape = mapping.shape
        let range = mapping.range(offset, length)
        let touched = scene.scenario.operation.findsTouched && scene.scenario.state != .untouched
        var facts = MappingFacts(
            address: range.start, offset: offset, length: length, write: shape.write, exec: shape.exec,
            shared: shape.shared, touched: touched,
            pageTableNearby: touched ? true : tableNearby(range, observer.process),
            pmdMapped: observer.isPmdMapped(range), advice: shape.advice)
        facts.vmaOffset = vmaOffset(scene, shape, offset)
        facts.access = scene.scenario.access
        facts.copied = scene.scenario.state == .copied
        return facts
    }

    /// Where the VMA begins that a unit is a part of.
    private func vmaOffset(_ scene: ScenarioScene, _ shape: MappingShape, _ offset: Int) -> Int {
        guard scene.scenario.surroundings == .cut, let first = scene.units.first else { return shape.offset }
        let cut = first.offset + first.length
        return offset >= cut ? cut : shape.offset
    }

    /// Whether something is mapped in what one page of PMD entries covers.
    private func tableNearby(_ range: AddressRange, _ process: Int32?) -> Bool? {
        let around = UInt64(geometry.pmdTableSize)
        let start = range.start / around * around
        let entries = try? Smaps.read(process: process, overlapping: AddressRange(start, start + around))
        return entries.map { $0.contains { $0.rss > 0 } }
    }

    private func touch(_ scene: ScenarioScene, _ mapping: borrowing FileMapping) {
        let shape = mapping.shape
        mapping.touch(shape.offset, scene.inside(shape.offset, shape.length), pageSize: geometry.pageSize)
    }
}
