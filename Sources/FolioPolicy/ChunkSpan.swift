/// The whole PMD chunks of a mapping, by the file offsets they have when the mapping is congruent.
///
/// Every number is checked for overflow: facts may come from a document and be anything.
struct ChunkSpan {
    /// Bytes in a chunk.
    let size: Int
    /// The file offset of the first whole chunk.
    let first: Int
    /// How many whole chunks the mapping has.
    let count: Int

    /// The chunks of `mapping`; nil where no mapping can have such an offset, length and address, or they are not known.
    init?(_ mapping: MappingFacts, geometry: PageGeometry) {
        let page = geometry.pageSize
        size = geometry.pmdSize
        guard page > 0, size >= page else { return nil }
        guard mapping.offsetIsKnown, mapping.lengthIsKnown else { return nil }
        let offset = mapping.offset
        guard offset >= 0, mapping.length > 0, offset & (page - 1) == 0 else { return nil }
        guard let length = mapping.length.roundedUp(to: page) else { return nil }
        let (end, overflow) = offset.addingReportingOverflow(length)
        guard !overflow else { return nil }
        if let address = mapping.address {
            guard address & UInt64(page - 1) == 0 else { return nil }
            guard !address.addingReportingOverflow(UInt64(length)).overflow else { return nil }
        }
        guard let first = offset.roundedUp(to: size) else {
            (self.first, count) = (0, 0)
            return
        }
        self.first = first
        count = first < end ? (end - first) / size : 0
    }

    /// How many of the chunks lie wholly inside a file of `fileSize` bytes, its last page counted whole, as the page
    /// cache does.
    func countInside(fileSize: Int, pageSize: Int) -> Int {
        guard fileSize > first else { return 0 }
        let end = fileSize.roundedUp(to: pageSize) ?? Int.max
        return min(count, (end - first) / size)
    }

    /// How many of the chunks begin inside a file of `fileSize` bytes.
    func countBegun(fileSize: Int) -> Int {
        guard fileSize > first else { return 0 }
        return min(count, (fileSize - first - 1) / size + 1)
    }
}

extension Int {
    /// The next multiple of `unit`, a power of two; nil where it does not fit.
    func roundedUp(to unit: Int) -> Int? {
        let (sum, overflow) = addingReportingOverflow(unit - 1)
        return overflow ? nil : sum & ~(unit - 1)
    }
}
