import FolioPolicy

/// The mapping that `explain` asks about: read-only, private, of the whole file or of a part, at an address congruent with
/// the offset, its pages touched.
struct WholeFileMapping {
    /// Where in the file it begins; nil: at its beginning.
    let offset: Int?
    /// Bytes; nil: to the end of the file.
    let length: Int?
    /// Whether it is executable as well.
    let exec: Bool

    /// A mapping of which nothing is known.
    static let unknown: MappingFacts = {
        var facts = MappingFacts(address: nil, offset: 0, length: 0, read: nil, write: nil, exec: nil, shared: nil)
        facts.offsetIsKnown = false
        facts.lengthIsKnown = false
        return facts
    }()

    /// The facts of it, for a file of `size` bytes.
    /// - Throws: where the offset is no multiple of a page, or the range is beyond what a file can hold.
    func facts(size: Int, geometry: PageGeometry) throws(CommandFailure) -> MappingFacts {
        let start = offset ?? 0
        guard start % geometry.pageSize == 0 else {
            throw CommandFailure(
                "--offset \(start) is not a multiple of the page size, \(geometry.pageSize)", code: .usage)
        }
        let reach = geometry.mappingReach
        let toEnd = max(min(size, reach) - min(start, size, reach), 1)
        let (rounded, overflow) = (length ?? toEnd).addingReportingOverflow(geometry.pageSize - 1)
        guard !overflow, rounded.addingReportingOverflow(start).overflow == false else {
            throw CommandFailure("--offset and --length reach beyond what a file can hold", code: .usage)
        }
        let base: UInt64 = 0x7f00_0000_0000
        return MappingFacts(
            address: base + UInt64(start % geometry.pmdSize), offset: start,
            length: rounded / geometry.pageSize * geometry.pageSize, exec: exec, touched: true,
            advice: MappingAdvice.none)
    }
}
