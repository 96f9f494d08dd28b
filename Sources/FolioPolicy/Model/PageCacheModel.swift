/// The page cache of one file as a value: which folios it holds, what maps them, and what storage holds.
///
/// It makes a plan executable: `fault`, `readahead`, `write`, `writeback`, `truncate`, `drop`, `swapOut`, `map` and
/// `collapse` change it as the kernel changes a mapping, in whole folios. A page's contents are a number; `read` gives
/// what a read(2) of the file would give.
public struct PageCacheModel: Hashable, Sendable {
    /// Page and PMD sizes.
    public let geometry: PageGeometry
    /// The orders the filesystem gives its folios; shmem has 0 and the PMD's.
    public let orders: OrderCapability
    /// The kernel, for what its collapse takes.
    public let version: KernelVersion
    /// The pages of the file: the last one may reach past i_size.
    public private(set) var pageCount: Int
    /// The folios in the page cache, by index; no two hold the same page.
    public private(set) var folios: [ModelFolio] = []
    /// The chunks, by the index of their first page, that a PMD maps.
    public private(set) var pmdMapped: Set<Int> = []
    /// The pages that a PTE maps.
    public private(set) var pteMapped: Set<Int> = []
    /// What storage holds of each page: blocks, or swap slots for shmem; a page without an entry is a hole.
    private var storage: [Int: UInt64] = [:]
    private var nextIdentity = 0
    /// The pages whose place a collapse under way has taken.
    private var taken = 0..<0

    /// An empty page cache of a file of `pageCount` pages, of which storage holds those in `stored`.
    public init(
        geometry: PageGeometry, orders: OrderCapability, version: KernelVersion, pageCount: Int,
        stored: [Int: UInt64] = [:]
    ) {
        self.geometry = geometry
        self.orders = orders
        self.version = version
        self.pageCount = max(pageCount, 0)
        storage = stored.filter { (0..<max(pageCount, 0)).contains($0.key) }
    }

    /// Pages in a PMD chunk.
    public var chunkPages: Int { 1 << Int(geometry.pmdOrder.rawValue) }
    /// The whole chunks of the file, by the index of their first page.
    public var wholeChunks: [Int] { Array(stride(from: 0, to: pageCount / chunkPages * chunkPages, by: chunkPages)) }
    private var isShmem: Bool { orders == .shmem }

    // MARK: What is there

    /// What a read(2) would give of a page: the page cache's, else storage's, else zeroes.
    public func read(_ page: Int) -> UInt64 {
        if let place = place(of: page) { return folios[place].pages[page - folios[place].index] }
        return storage[page] ?? 0
    }

    /// Whether a page is in the page cache.
    public func isCached(_ page: Int) -> Bool { place(of: page) != nil }

    /// The state of a chunk by the index of its first page, as a plan looks at it.
    public func state(of chunk: Int) -> ChunkState {
        let pages = chunk..<chunk + chunkPages
        let inside = folios.filter { $0.range.overlaps(pages) }
        return ChunkState(
            offset: chunk * geometry.pageSize, orders: FolioOrderSet(inside.map(\.order)),
            pmdMapped: pmdMapped.contains(chunk))
    }

    /// What is wrong with it, in words; empty: nothing. Folios are aligned and disjoint, none is locked, a PMD maps only
    /// whole PMD folios, a PTE only what is cached, and no order is there that nothing could have made.
    public var violations: [String] {
        var found: [String] = []
        for (folio, next) in zip(folios, folios.dropFirst()) where folio.range.upperBound > next.index {
            found.append("the folios at \(folio.index) and \(next.index) overlap")
        }
        for folio in folios {
            if folio.index % folio.pages.count != 0 { found.append("the folio at \(folio.index) is not aligned") }
            if folio.locked { found.append("the folio at \(folio.index) is locked") }
        }
        for chunk in pmdMapped where place(of: chunk).map({ folios[$0].order == geometry.pmdOrder }) != true {
            found.append("a PMD maps the chunk at \(chunk), which is no PMD folio")
        }
        for page in pteMapped where !isCached(page) { found.append("a PTE maps page \(page), which is not cached") }
        return found
    }

    // MARK: What changes it

    /// Brings in the folio of `order` that holds `page`, or smaller ones where pages are cached, the file ends or the
    /// filesystem gives none so large; what is cached stays.
    public mutating func readahead(_ page: Int, order: FolioOrder) {
        guard page >= 0, page < pageCount else { return }
        let wanted = allowed(order)
        let start = page & ~(1 << Int(wanted.rawValue) - 1)
        insert(start, wanted)
    }

    /// A fault on a page of a mapping: read in if it is absent, with a folio of PMD order under MADV_HUGEPAGE, and mapped,
    /// by a PMD where its folio and the mapping let it.
    public mutating func fault(_ page: Int, advised: Bool, congruent: Bool = true) {
        guard page >= 0, page < pageCount else { return }
        if !isCached(page) { readahead(page, order: advised ? geometry.pmdOrder : .zero) }
        map(page, congruent: congruent)
    }

    /// Maps a cached page: the whole chunk by a PMD where it is one PMD folio and nothing is mapped of it.
    public mutating func map(_ page: Int, congruent: Bool = true) {
        guard let place = place(of: page) else { return }
        let chunk = page / chunkPages * chunkPages
        if pmdMapped.contains(chunk) { return }
        let isEmpty = !(chunk..<chunk + chunkPages).contains(where: pteMapped.contains)
        let isInside = isShmem || chunk + chunkPages <= pageCount
        if congruent, folios[place].order == geometry.pmdOrder, isEmpty, isInside {
            pmdMapped.insert(chunk)
        } else {
            pteMapped.insert(page)
        }
    }

    /// write(2) of whole pages; those that are not cached get folios of `order` where they fit.
    public mutating func write(_ pages: Range<Int>, value: UInt64, order: FolioOrder = .zero) {
        for page in pages where page >= 0 {
            if page >= pageCount { pageCount = page + 1 }
            if !isCached(page) { readahead(page, order: order) }
            guard let place = place(of: page) else { continue }
            folios[place].pages[page - folios[place].index] = value
            folios[place].dirty = true
        }
    }

    /// Dirty folios reach storage.
    public mutating func writeback() {
        for place in folios.indices where folios[place].dirty {
            for page in folios[place].range { storage[page] = folios[place].pages[page - folios[place].index] }
            folios[place].dirty = false
        }
    }

    /// Clean folios that nothing maps leave the page cache (POSIX_FADV_DONTNEED, reclaim).
    public mutating func drop(_ pages: Range<Int>) {
        guard !isShmem else { return }
        remove { !$0.dirty && pages.contains($0.index) && pages.contains($0.range.upperBound - 1) }
    }

    /// Folios of shmem that nothing maps go to swap.
    public mutating func swapOut(_ pages: Range<Int>) {
        guard isShmem else { return }
        for folio in folios where pages.contains(folio.index) && !isMapped(folio) {
            for page in folio.range where page < pageCount { storage[page] = folio.pages[page - folio.index] }
        }
        remove { pages.contains($0.index) }
    }

    /// The file ends at `pageCount` pages: what lies beyond is gone, a folio across the end is split into pages.
    public mutating func truncate(to pageCount: Int) {
        let pageCount = max(pageCount, 0)
        defer { self.pageCount = pageCount }
        guard pageCount < self.pageCount else { return }
        storage = storage.filter { $0.key < pageCount }
        pteMapped = pteMapped.filter { $0 < pageCount }
        let cut = folios.filter { $0.range.upperBound > pageCount }
        for folio in cut {
            unmapPMD(of: folio, keeping: ..<pageCount)
            folios.removeAll { $0.identity == folio.identity }
            for page in folio.range where page < pageCount {
                place(folio.pages[page - folio.index], at: page, dirty: folio.dirty)
            }
        }
    }

    // MARK: Collapse

    /// MADV_COLLAPSE of the chunk that begins at `chunk`, which `interruptedAt` makes fail at that step, counted from 0.
    ///
    /// As collapse_file() does: a new folio is allocated and locked; the old ones are brought in where they are absent or
    /// swapped out, locked and set aside in order, gaps of shmem are filled; then the bytes are copied, the new folio takes
    /// the place of all, and the old ones are freed. Where a step fails, every old folio stays and every gap is a gap
    /// again; what was brought in meanwhile stays too, as any readahead does.
    public mutating func collapse(_ chunk: Int, interruptedAt: Int? = nil) -> ModelCollapse {
        let state = state(of: chunk)
        let isWhole = chunk % chunkPages == 0 && (isShmem ? chunk < pageCount : chunk + chunkPages <= pageCount)
        guard chunk >= 0, isWhole else { return ModelCollapse(result: .refused(.fail), steps: 0) }
        if state.pmdMapped { return ModelCollapse(result: .alreadyMapped, steps: 0) }
        if state.orders == [geometry.pmdOrder] {
            mapByPMD(chunk)
            return ModelCollapse(result: .mappedInPlace, steps: 0)
        }
        if refusesLarge, state.orders.contains(where: { $0 != .zero }) {
            return ModelCollapse(result: .refused(.pageCompound), steps: 0)
        }
        var run = CollapseRun(chunk: chunk, interruptedAt: interruptedAt)
        let reason = perform(&run)
        if reason != nil { rollBack(run) }
        return ModelCollapse(
            result: reason.map { .refused($0) } ?? .copied, steps: run.begun, failed: run.failed)
    }

    /// Whether the kernel's collapse takes no large folio but the PMD's own.
    private var refusesLarge: Bool { FolioStateRules.compound.kernels.contains(version) }

    /// A collapse under way.
    private struct CollapseRun {
        let chunk: Int
        let interruptedAt: Int?
        var begun = 0
        var failed: ModelCollapse.Step?
        /// The old folios, whose place the new one has taken so far.
        var setAside: [ModelFolio] = []
        /// Pages that no folio held.
        var gaps = 0
        /// What the new folio holds so far.
        var copy: [UInt64] = []

        /// Begins a step; false where it is the one to fail.
        mutating func begin(_ step: ModelCollapse.Step) -> Bool {
            defer { begun += 1 }
            guard begun == interruptedAt else { return true }
            failed = step
            return false
        }

        /// Why the step that failed, failed.
        var reason: ScanReason { failed.map(ModelCollapse.reason) ?? .fail }
    }

    /// - Returns: why it failed; nil: the chunk is one folio.
    private mutating func perform(_ run: inout CollapseRun) -> ScanReason? {
        for step in [ModelCollapse.Step.allocate, .charge, .makeSlots] where !run.begin(step) { return run.reason }
        if let reason = gather(&run) { return reason }
        if run.gaps > 0, !run.begin(.chargeGaps) { return run.reason }
        var page = run.chunk
        for folio in run.setAside {
            run.copy += repeatElement(0, count: folio.index - page)
            for value in folio.pages {
                guard run.begin(.copy) else { return run.reason }
                run.copy.append(value)
            }
            page = folio.range.upperBound
        }
        run.copy += repeatElement(0, count: run.chunk + chunkPages - page)
        for _ in 0..<run.gaps where !run.begin(.fillGap) { return run.reason }
        if run.gaps > 0, !run.begin(.askMonitors) { return run.reason }
        finish(run)
        return nil
    }

    /// Brings in, locks and unmaps the old folios in order, and sets them aside for the new one.
    private mutating func gather(_ run: inout CollapseRun) -> ScanReason? {
        var page = run.chunk
        while page < run.chunk + chunkPages {
            taken = run.chunk..<page
            if !isCached(page) {
                guard !isShmem || storage[page] != nil else {
                    run.gaps += 1
                    page += 1
                    continue
                }
                guard run.begin(.bringIn) else { return run.reason }
                readahead(page, order: isShmem ? .zero : FolioOrder(UInt8(min(2, Int(geometry.pmdOrder.rawValue) - 1))))
            }
            guard let place = place(of: page) else { return .fail }
            if refusesLarge, folios[place].order != .zero { return .pageCompound }
            guard run.begin(.lock) else { return run.reason }
            folios[place].locked = true
            guard run.begin(.revalidate) else { return run.reason }
            if !isShmem, folios[place].dirty { return version < KernelVersion(7, 0) ? .fail : .dirtyOrWriteback }
            guard run.begin(.isolate) else { return run.reason }
            if !isShmem, !run.begin(.releasePrivateData) { return run.reason }
            guard run.begin(.unmap) else { return run.reason }
            pteMapped.subtract(folios[place].range)
            page = folios[place].range.upperBound
            run.setAside.append(folios.remove(at: place))
        }
        return run.setAside.isEmpty ? .truncated : nil
    }

    /// The new folio takes the place of all; the old ones are freed.
    private mutating func finish(_ run: CollapseRun) {
        taken = 0..<0
        // What shmem's old folios held is nowhere else; a file's were clean.
        insert(pages: run.copy, at: run.chunk, order: geometry.pmdOrder, dirty: isShmem)
        if isShmem { for page in run.chunk..<run.chunk + chunkPages { storage[page] = nil } }
        mapByPMD(run.chunk)
    }

    /// Every old folio takes its place again, unlocked, and every gap is a gap. What was unmapped is mapped again by the
    /// next touch.
    private mutating func rollBack(_ run: CollapseRun) {
        taken = 0..<0
        for folio in run.setAside.reversed() {
            folios.insert(folio, at: folios.firstIndex { $0.index > folio.index } ?? folios.count)
        }
        for place in folios.indices { folios[place].locked = false }
    }

    private mutating func mapByPMD(_ chunk: Int) {
        pteMapped.subtract(chunk..<chunk + chunkPages)
        pmdMapped.insert(chunk)
    }

    // MARK: Folios

    /// The place in `folios` of the one that holds a page.
    private func place(of page: Int) -> Int? {
        var low = 0
        var high = folios.count
        while low < high {
            let middle = (low + high) / 2
            if folios[middle].index <= page { low = middle + 1 } else { high = middle }
        }
        return low > 0 && folios[low - 1].range.contains(page) ? low - 1 : nil
    }

    /// The largest order up to `order` that the filesystem gives.
    private func allowed(_ order: FolioOrder) -> FolioOrder {
        switch orders {
        case .none, .unknown: return .zero
        case .shmem: return order >= geometry.pmdOrder ? geometry.pmdOrder : .zero
        case .range(let minimum, let maximum): return max(minimum, min(order, maximum, geometry.pmdOrder))
        }
    }

    /// Inserts a folio of `order`, or of the orders below it where that does not fit, none smaller than a page.
    private mutating func insert(_ start: Int, _ order: FolioOrder) {
        let pages = start..<start + 1 << Int(order.rawValue)
        let isFree = !folios.contains { $0.range.overlaps(pages) } && !taken.overlaps(pages)
        let fits = pages.upperBound <= pageCount || order == .zero
        if isFree, fits {
            let contents = pages.map { storage[$0] ?? 0 }
            insert(pages: contents, at: start, order: order, dirty: false)
            if isShmem, let place = place(of: start), contents.contains(where: { $0 != 0 }) {
                folios[place].dirty = true
            }
            return
        }
        guard order > .zero else { return }
        let below = FolioOrder(order.rawValue - 1)
        let half = 1 << Int(below.rawValue)
        for part in [start, start + half] where part < pageCount {
            guard isShmem else {
                insert(part, below)
                continue
            }
            for page in part..<min(part + half, pageCount) { insert(page, .zero) }
        }
    }

    private mutating func place(_ value: UInt64, at page: Int, dirty: Bool) {
        insert(pages: [value], at: page, order: .zero, dirty: dirty)
    }

    private mutating func insert(pages: [UInt64], at index: Int, order: FolioOrder, dirty: Bool) {
        guard
            let folio = ModelFolio(identity: nextIdentity, index: index, order: order, pages: pages, dirty: dirty)
        else { return }
        nextIdentity += 1
        let place = folios.firstIndex { $0.index > index } ?? folios.count
        folios.insert(folio, at: place)
    }

    private func isMapped(_ folio: ModelFolio) -> Bool {
        pmdMapped.contains(folio.index / chunkPages * chunkPages) || folio.range.contains(where: pteMapped.contains)
    }

    private mutating func remove(_ isChosen: (ModelFolio) -> Bool) {
        folios = folios.filter { !isChosen($0) || isMapped($0) }
    }

    private mutating func unmapPMD(of folio: ModelFolio, keeping kept: PartialRangeUpTo<Int>) {
        guard pmdMapped.remove(folio.index) != nil else { return }
        pteMapped.formUnion(folio.range.filter { kept.contains($0) })
    }
}
