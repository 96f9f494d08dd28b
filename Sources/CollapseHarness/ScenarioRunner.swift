import CLinuxShims
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

    private var geometry: PageGeometry { kernel.geometry }

    /// - Throws: `Unavailable`, or what a call said that was to prepare it.
    func run(_ scenario: Scenario, on stage: Stage, number: Int) throws -> ScenarioOutcome {
        let setter = CacheSetter(geometry: geometry)
        let (name, hole) = try setter.prepare(scenario, on: stage, number: number)
        defer {
            // By the view, so that a server lets go of it.
            if !stage.recipe.isReadOnly { _ = stage.view.appending(name).withPlatformString { unlink($0) } }
        }
        let path = stage.view.appending(name)
        let mode: FileDescriptor.AccessMode = scenario.mapping.sharedWritable ? .readWrite : .readOnly
        let file = try FileDescriptor.open(path, mode, options: [.closeOnExec])
        defer { try? file.close() }
        if let lack = setter.lacking(scenario, file) { throw Unavailable(reason: lack) }
        let watch = TraceWatch(trace, filename: name)
        let scene = Scene(
            path: path, file: file, stage: stage, hole: hole, size: scenario.fileSize, watch: watch)
        var outcome = try play(scenario, scene)
        _ = watch.lastResult()
        outcome.disturbed = watch.disturbed
        return outcome
    }

    /// A file that is ready.
    private struct Scene {
        let path: FilePath
        let file: FileDescriptor
        let stage: Stage
        let hole: Bool
        let size: Int
        let watch: TraceWatch
    }

    private func play(_ scenario: Scenario, _ scene: Scene) throws -> ScenarioOutcome {
        var writer: FileDescriptor?
        defer { try? writer?.close() }
        if scenario.actions.contains(.openForWrite) {
            writer = try FileDescriptor.open(scene.path, .readWrite, options: [.closeOnExec])
        }
        if scenario.actions.contains(.disableHugePages) {
            _ = try systemCall { folio_set_thp_disabled(1) }
        }
        defer { if scenario.actions.contains(.disableHugePages) { _ = folio_set_thp_disabled(0) } }
        let mapping = try FileMapping(scene.file, scenario.mapping, geometry: geometry)
        var child: Toucher?
        if scenario.operation == .processCollapse {
            child = try Toucher(
                mapping.range(scenario.mapping.offset, inFile(scenario.mapping.offset, scenario.mapping.length, scene)),
                step: scenario.actions.contains(.touch) ? geometry.pageSize : 0)
        } else if scenario.actions.contains(.touch) {
            touch(mapping, scenario.mapping.offset, scenario.mapping.length, scene)
        }
        if scenario.actions.contains(.dirty) { try makeDirty(scene) }
        return try operate(scenario, scene, mapping, child)
    }

    private func operate(
        _ scenario: Scenario, _ scene: Scene, _ mapping: borrowing FileMapping, _ child: Toucher?
    ) throws -> ScenarioOutcome {
        let observer = MappingObserver(geometry: geometry, process: child?.process)
        let isCollapse = scenario.operation == .collapse || scenario.operation == .processCollapse
        var touched = scenario.actions.contains(.touch)
        if isCollapse {
            var chunks: [ScenarioOutcome.Chunk] = []
            for (offset, length) in units(scenario.mapping) {
                let situation = try situation(scene)
                let facts = facts(mapping, offset, length, touched: touched, observer)
                let decision = situation.decide(facts, scenario.operation)
                let seen = look(mapping, offset, length, scene, observer) { () throws(Errno) in
                    if let child {
                        try child.collapse(mapping.range(offset, length))
                    } else {
                        try mapping.collapse(offset, length)
                    }
                } expecting: {
                    decision
                }
                chunks.append(.init(offset: offset, decision: decision, seen: seen))
                // Looking at the bytes has touched it, but for a child's.
                if child == nil && chunks.count == units(scenario.mapping).count { touched = true }
            }
            return ScenarioOutcome(chunks: chunks)
        }
        let situation = try situation(scene)
        let predicted = units(scenario.mapping).map { unit in
            (
                unit,
                situation.decide(
                    facts(mapping, unit.offset, unit.length, touched: false, observer), scenario.operation)
            )
        }
        let before = predicted.map { observer.isPmdMapped(mapping.range($0.0.offset, $0.0.length)) }
        try operate(scenario, scene, mapping)
        var chunks: [ScenarioOutcome.Chunk] = []
        for (index, ((offset, length), decision)) in predicted.enumerated() {
            let range = mapping.range(offset, length)
            let pmdMapped = observer.isPmdMapped(range)
            let after = observer.frames(range)
            let seen = ChunkObservation(
                pmdMappedBefore: before[index], pmdMapped: pmdMapped,
                orders: after.map { FolioOrderSet($0.map(\.order)) },
                contentIntact: contentIntact(mapping, offset, length, scene, scenario))
            chunks.append(.init(offset: offset, decision: decision, seen: seen))
        }
        return ScenarioOutcome(chunks: chunks)
    }

    /// An operation that is no collapse, on all of the mapping.
    private func operate(_ scenario: Scenario, _ scene: Scene, _ mapping: borrowing FileMapping) throws {
        let (offset, length) = (scenario.mapping.offset, scenario.mapping.length)
        let inside = inFile(offset, length, scene)
        switch scenario.operation {
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
        if scenario.operation != .populate { touch(mapping, offset, length, scene) }
    }

    /// Calls, and looks before and after.
    private func look(
        _ mapping: borrowing FileMapping, _ offset: Int, _ length: Int, _ scene: Scene, _ observer: MappingObserver,
        _ call: () throws(Errno) -> Void, expecting decision: () -> Decision
    ) -> ChunkObservation {
        let range = mapping.range(offset, length)
        let before = observer.isPmdMapped(range)
        let frames = observer.frames(range)
        _ = scene.watch.lastResult()
        let errno = CollapseCall.run(expecting: decision(), call)
        let reason = scene.watch.lastResult()
        let pmdMapped = observer.isPmdMapped(range)
        let after = observer.frames(range)
        return ChunkObservation(
            errno: errno, pmdMappedBefore: before, pmdMapped: pmdMapped,
            moved: MappingObserver.moved(from: frames, to: after), orders: after.map { FolioOrderSet($0.map(\.order)) },
            scanReason: reason, traced: scene.watch.isOn,
            contentIntact: fileIntact(offset, length, scene))
    }

    private func situation(_ scene: Scene) throws(LinuxError) -> Situation {
        try Situation(
            scene.path, open: scene.file, reader: reader, kernel: kernel, registry: registry,
            filesystem: scene.stage.filesystem)
    }

    /// The whole chunks of a mapping, or all of it as one where it has none.
    private func units(_ shape: MappingShape) -> [(offset: Int, length: Int)] {
        let chunks = shape.wholeChunks(pmdSize: geometry.pmdSize)
        return chunks.isEmpty ? [(shape.offset, shape.length)] : chunks.map { ($0, geometry.pmdSize) }
    }

    private func facts(
        _ mapping: borrowing FileMapping, _ offset: Int, _ length: Int, touched: Bool, _ observer: MappingObserver
    ) -> MappingFacts {
        let shape = mapping.shape
        let range = mapping.range(offset, length)
        let pmdMapped = observer.isPmdMapped(range)
        return MappingFacts(
            address: range.start, offset: offset, length: length, write: shape.sharedWritable, exec: shape.exec,
            shared: shape.sharedWritable, touched: touched, pageTableNearby: touched ? true : tableNearby(range),
            pmdMapped: pmdMapped, advice: shape.advice)
    }

    /// Whether something is mapped in what one page of PMD entries covers.
    private func tableNearby(_ range: AddressRange) -> Bool? {
        let around = UInt64(geometry.pmdSize * (geometry.pageSize / 8))
        let start = range.start / around * around
        let entries = try? Smaps.read()
        return entries.map { $0.contains { $0.rss > 0 && $0.range.overlaps(AddressRange(start, start + around)) } }
    }

    /// How much of a range of the file is not past its end, to the end of its last page.
    private func inFile(_ offset: Int, _ length: Int, _ scene: Scene) -> Int {
        let end = (scene.size + geometry.pageSize - 1) / geometry.pageSize * geometry.pageSize
        return max(0, min(length, end - offset))
    }

    private func touch(_ mapping: borrowing FileMapping, _ offset: Int, _ length: Int, _ scene: Scene) {
        mapping.touch(offset, inFile(offset, length, scene), pageSize: geometry.pageSize)
    }

    /// Rewrites a page of every chunk with what it holds already.
    private func makeDirty(_ scene: Scene) throws {
        let writer = try FileDescriptor.open(scene.path, .readWrite, options: [.closeOnExec])
        defer { try? writer.close() }
        for offset in stride(from: 0, to: scene.size, by: geometry.pmdSize) {
            let bytes = Content.bytes(offset, min(geometry.pageSize, scene.size - offset), size: scene.size)
            _ = try systemCall { pwrite(writer.rawValue, bytes, bytes.count, off_t(offset)) }
        }
    }

    private func contentIntact(
        _ mapping: borrowing FileMapping, _ offset: Int, _ length: Int, _ scene: Scene, _ scenario: Scenario
    ) -> Bool {
        let readable = min(length, scene.size - offset) & ~7
        guard readable > 0 else { return true }
        let hole = scene.hole && scenario.operation != .write
        return mapping.checksum(offset, readable)
            == Content.checksum(offset, readable, size: scene.size, hole: hole)
    }

    /// By read(2), so that the mapping's page tables stay as the operation left them.
    private func fileIntact(_ offset: Int, _ length: Int, _ scene: Scene) -> Bool {
        let readable = min(length, scene.size - offset) & ~7
        guard readable > 0 else { return true }
        var bytes = [UInt8](repeating: 0, count: readable)
        guard (try? systemCall { pread(scene.file.rawValue, &bytes, readable, off_t(offset)) }) == readable else {
            return false
        }
        return bytes.withUnsafeBytes { Content.checksum($0) }
            == Content.checksum(offset, readable, size: scene.size, hole: scene.hole)
    }
}
