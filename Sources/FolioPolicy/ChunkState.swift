/// What the page cache and one mapping hold of one PMD chunk of a file.
public struct ChunkState: Hashable, Sendable {
    /// The file offset of the chunk in bytes, a multiple of the PMD size.
    public var offset: Int
    /// The orders of its folios; empty: nothing is cached.
    public var orders: FolioOrderSet
    /// Whether a PMD maps it.
    public var pmdMapped: Bool

    /// A state from its parts.
    public init(offset: Int, orders: FolioOrderSet, pmdMapped: Bool) {
        self.offset = offset
        self.orders = orders
        self.pmdMapped = pmdMapped
    }
}

extension ChunkPlan {
    /// What MADV_COLLAPSE would meet and do in a chunk that nothing else stands in the way of.
    ///
    /// "Compound" is not "PMD-mapped": a PMD folio that PTEs map is mapped anew, and one that a PMD maps is left alone.
    /// Source: Linux 6.1 mm/khugepaged.c hpage_collapse_scan_file(); 6.12 7de856ffd007.
    /// - Parameters:
    ///   - chunk: what of it is cached, and how.
    ///   - version: the kernel's.
    ///   - geometry: the sizes of a page and of what a PMD maps.
    ///   - readsInLarge: whether what is missing is read in with large folios, as where the mapping holds them; shmem's
    ///     gaps are filled with none.
    public init(of chunk: ChunkState, on version: KernelVersion, geometry: PageGeometry, readsInLarge: Bool) {
        let action: Action
        if chunk.pmdMapped {
            action = .alreadyMapped
        } else if chunk.orders == [geometry.pmdOrder] {
            action = .inPlace
        } else if FolioStateRules.compound.kernels.contains(version),
            chunk.orders.contains(where: { $0 != .zero }) || chunk.orders.isEmpty && readsInLarge
        {
            action = .refused
        } else {
            action = .copy
        }
        self.init(offset: chunk.offset, action: action, bytesCopied: action == .copy ? geometry.pmdSize : 0)
    }
}

extension Sequence<ChunkPlan> {
    /// The chunks that something is to be done with, the cheapest first: those that are only mapped anew, those that are in the
    /// page cache wholly, those that are in part, and those that have to be read; each in the order of the file.
    public var cheapestFirst: [ChunkPlan] {
        let work = filter { $0.action == .inPlace || $0.action == .copy }
        return (0...3).flatMap { cost in work.filter { $0.cost == cost } }
    }
}

extension ChunkPlan {
    /// 0 to 3, the cheapest first.
    fileprivate var cost: Int {
        if action == .inPlace { return 0 }
        return bytesMissing == 0 ? 1 : bytesMissing < bytesCopied ? 2 : 3
    }
}
