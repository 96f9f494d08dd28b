import CLinuxShims
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Brings about what has happened to a scenario's mapping before the operation, and what else is mapped and open; undone
/// when it goes.
final class MappingPreparation {
    private let scene: ScenarioScene
    private var openers: [FileDescriptor] = []
    private var pipe: Pipe?

    /// Opens what the scenario wants to be open.
    init(_ scene: ScenarioScene) throws {
        self.scene = scene
        let path = scene.scenario.opener == .backingWriter ? scene.source : scene.path
        let direct = FileDescriptor.OpenOptions(rawValue: Int32(FOLIO_O_DIRECT))
        switch scene.scenario.opener {
        case .none: break
        case .reader: try hold(path, .readOnly)
        case .writer, .backingWriter: try hold(path, .readWrite)
        case .direct: try hold(path, .readOnly, direct)
        case .directWriter: try hold(path, .readWrite, direct)
        case .formerWriter: try FileDescriptor.open(path, .readWrite, options: [.closeOnExec]).close()
        }
    }

    deinit {
        for file in openers { try? file.close() }
        if let pipe {
            close(pipe.reading)
            close(pipe.writing)
        }
    }

    private func hold(
        _ path: FilePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = []
    ) throws {
        do {
            openers.append(try FileDescriptor.open(path, mode, options: options.union(.closeOnExec)))
        } catch Errno.invalidArgument {
            throw Unavailable(reason: "it cannot be opened with O_DIRECT there")
        }
    }

    /// Brings the state about in the mapping.
    func apply(to mapping: borrowing FileMapping) throws {
        let scenario = scene.scenario
        if scenario.surroundings == .cut { try cut(mapping) }
        let (offset, length) = (mapping.shape.offset, mapping.shape.length)
        switch scenario.state {
        case .untouched: break
        case .touched: touch(mapping, offset, length)
        case .partly:
            for start in parts { touch(mapping, start, scene.geometry.pageSize) }
        case .dirty:
            if scenario.operation.findsTouched { touch(mapping, offset, length) }
            try makeDirty()
        case .pinned:
            touch(mapping, offset, length)
            try pin(mapping)
        case .divided:
            touch(mapping, offset, length)
            try divide(mapping)
        case .joined: try divide(mapping)
        case .locked: try mapping.lock(offset, scene.inside(offset, length))
        case .copied:
            touch(mapping, offset, length)
            for start in parts { mapping.store(start, scene.byte(start)) }
        }
    }

    /// Maps the file a second time, where the scenario wants that, and holds what that mapping shows to be right as well.
    func withNeighbour(_ play: () throws -> ScenarioOutcome) throws -> ScenarioOutcome {
        let placement: MappingShape.Placement
        switch scene.scenario.surroundings {
        case .none, .cut: return try play()
        case .twice: placement = .congruent
        case .beside: placement = .offByPage
        }
        var shape = scene.shape
        (shape.placement, shape.shared, shape.write, shape.advice) = (placement, false, false, .none)
        let neighbour = try FileMapping(scene.file, shape, geometry: scene.geometry)
        touch(neighbour, shape.offset, shape.length)
        var outcome = try play()
        let rewritten = scene.scenario.operation == .write
        for (index, unit) in scene.units.enumerated()
        where !scene.isIntact(neighbour, unit.offset, unit.length, rewritten: rewritten) {
            outcome.chunks[index].seen.contentIntact = false
        }
        return outcome
    }

    /// The offsets at which every chunk, or part of one, of the mapping begins, inside the file.
    private var parts: [Int] {
        let (shape, pmd) = (scene.shape, scene.geometry.pmdSize)
        var starts = [shape.offset]
        starts += stride(from: (shape.offset / pmd + 1) * pmd, to: shape.offset + shape.length, by: pmd)
        return starts.filter { $0 < scene.size }
    }

    private func touch(_ mapping: borrowing FileMapping, _ offset: Int, _ length: Int) {
        mapping.touch(offset, scene.inside(offset, length), pageSize: scene.geometry.pageSize)
    }

    /// Cuts what is mapped behind the first unit off it.
    func cut(_ mapping: borrowing FileMapping) throws(Errno) {
        guard let first = scene.units.first else { return }
        let start = first.offset + first.length
        try mapping.cut(start, mapping.shape.offset + mapping.shape.length - start, true)
    }

    /// Cuts every whole chunk in its middle, touches all, and makes the chunks whole again.
    private func divide(_ mapping: borrowing FileMapping) throws {
        let (shape, pmd) = (mapping.shape, scene.geometry.pmdSize)
        for chunk in shape.wholeChunks(pmdSize: pmd) { try mapping.cut(chunk + pmd / 2, scene.geometry.pageSize, true) }
        touch(mapping, shape.offset, shape.length)
        for chunk in shape.wholeChunks(pmdSize: pmd) {
            try mapping.cut(chunk + pmd / 2, scene.geometry.pageSize, false)
        }
        if scene.scenario.surroundings == .cut { try cut(mapping) }
        // Older kernels do not merge mappings whose filesystem wants to be told of their end (Linux 6.1 mm/mmap.c is_mergeable_vma()).
        let parts = try Smaps.read(overlapping: mapping.range(shape.offset, shape.length))
        for chunk in shape.wholeChunks(pmdSize: pmd) {
            let range = mapping.range(chunk, pmd)
            guard parts.contains(where: { $0.range.contains(range) }) else {
                throw Unavailable(reason: "what was cut of the mapping is not merged again by this kernel")
            }
        }
    }

    private func pin(_ mapping: borrowing FileMapping) throws(Errno) {
        let pipe = try Pipe()
        self.pipe = pipe
        for start in parts {
            let address = UnsafeRawPointer(bitPattern: UInt(mapping.range(start, 1).start))
            _ = try systemCall { folio_vmsplice(pipe.writing, address, scene.geometry.pageSize) }
        }
    }

    /// Rewrites a page of every chunk with what it holds already.
    private func makeDirty() throws {
        let writer = try FileDescriptor.open(scene.path, .readWrite, options: [.closeOnExec])
        defer { try? writer.close() }
        for offset in stride(from: 0, to: scene.size, by: scene.geometry.pmdSize) {
            let bytes = Content.bytes(
                offset, min(scene.geometry.pageSize, scene.size - offset), size: scene.size, layout: scene.layout)
            _ = try systemCall { pwrite(writer.rawValue, bytes, bytes.count, off_t(offset)) }
        }
    }
}
