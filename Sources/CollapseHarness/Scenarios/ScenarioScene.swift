import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// A scenario's file that is ready: made, its page cache as wanted, opened by the path at which it is mapped.
struct ScenarioScene {
    let scenario: Scenario
    let stage: Stage
    /// The path that is mapped.
    let path: FilePath
    /// Its path beneath, where the file was made.
    let source: FilePath
    let file: FileDescriptor
    /// Bytes in the file.
    let size: Int
    /// Where it has bytes.
    let layout: Content.Layout
    let watch: TraceWatch
    let geometry: PageGeometry

    /// How it is mapped.
    var shape: MappingShape {
        let pmd = geometry.pmdSize
        let offset =
            switch scenario.placement {
            case .congruent, .offByPage, .lastPage, .alone: 0
            case .ragged: pmd / 2
            case .tail: pmd - geometry.pageSize
            }
        let protection = scenario.protection
        return MappingShape(
            offset: offset, length: scenario.file.mappedEnd(pmdSize: pmd) - offset, exec: protection == .exec,
            shared: protection == .sharedRead || protection == .sharedWrite,
            write: protection == .sharedWrite || protection == .privateWrite,
            placement: scenario.placement == .offByPage
                ? .offByPage : scenario.placement == .lastPage ? .lastPage : .congruent,
            advice: scenario.advice, alone: scenario.placement == .alone)
    }

    /// What a prediction is made of, each as its file offset and length: the whole chunks of the mapping, or all of it
    /// where it has none; of a chunk that is cut the part before the cut.
    var units: [(offset: Int, length: Int)] {
        let shape = shape
        let pmd = geometry.pmdSize
        let chunks = shape.wholeChunks(pmdSize: pmd)
        guard let first = chunks.first else { return [(shape.offset, shape.length)] }
        let whole = chunks.map { ($0, pmd) }
        return scenario.surroundings == .cut ? [(first, pmd / 2)] + whole.dropFirst() : whole
    }

    /// How much of a range of the file is not past its end, to the end of its last page.
    func inside(_ offset: Int, _ length: Int) -> Int {
        let end = (size + geometry.pageSize - 1) / geometry.pageSize * geometry.pageSize
        return max(0, min(length, end - offset))
    }

    /// The byte that the file holds at an offset.
    func byte(_ offset: Int) -> UInt8 {
        let word = offset / 8 * 8
        return Content.bytes(word, 8, size: size, layout: layout)[offset - word]
    }

    /// Whether the mapping shows the right bytes.
    /// - Parameter rewritten: whether all that is mapped has been written, holes too.
    func isIntact(_ mapping: borrowing FileMapping, _ offset: Int, _ length: Int, rewritten: Bool) -> Bool {
        let readable = min(length, size - offset) & ~7
        guard readable > 0 else { return true }
        return Content.isIntact(
            mapping.bytes(offset, readable), offset, size: size, layout: rewritten ? .full : layout)
    }

    /// Whether the file has the right bytes, by read(2), so that the mapping's page tables stay as they are.
    func isIntact(_ offset: Int, _ length: Int) -> Bool {
        let readable = min(length, size - offset) & ~7
        guard readable > 0 else { return true }
        var bytes = [UInt8](repeating: 0, count: readable)
        guard (try? systemCall { pread(file.rawValue, &bytes, readable, off_t(offset)) }) == readable else {
            return false
        }
        return bytes.withUnsafeBytes { Content.isIntact($0, offset, size: size, layout: layout) }
    }
}
