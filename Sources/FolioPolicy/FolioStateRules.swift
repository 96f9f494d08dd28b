/// What the page cache holds and what maps it: the rules of the scan and of collapse_file().
enum FolioStateRules {
    static let compound = Rule(
        "cache.compound", kernels: KernelRange(from: KernelVersion(5, 4), before: KernelVersion(6, 12)),
        source: "5.4 mm/khugepaged.c khugepaged_scan_file(); 6.1 hpage_collapse_scan_file() SCAN_PAGE_COMPOUND; "
            + "gone in 6.12 (7de856ffd007), measured 6.1 6.12")
    static let present = Rule(
        "cache.present",
        source:
            "6.1 mm/khugepaged.c hpage_collapse_scan_file() khugepaged_max_ptes_none; collapse_file() SCAN_TRUNCATED "
            + "of an empty extent of shmem, measured 6.1 6.12 6.18 7.3")
    static let dirty = Rule(
        "cache.dirty", kernels: KernelRange(from: KernelVersion(6, 1), before: KernelVersion(7, 0)),
        source: "6.1 mm/khugepaged.c collapse_file() filemap_flush(); 7.0 writes back and tries again, "
            + "measured 6.1 6.12 7.3")
    static let inFile = Rule(
        "chunk.file",
        source: "6.1 mm/khugepaged.c collapse_file(); mm/filemap.c page_cache_ra_order(); shmem fills up with zeroes, "
            + "measured 6.1 6.12")
    static let pageTable = Rule(
        "mapping.pageTable", kernels: KernelRange(from: KernelVersion(6, 1), before: KernelVersion(6, 18)),
        source: "6.1 mm/khugepaged.c retract_page_tables() find_pmd_or_thp_or_none(); 6.6 collapse_pte_mapped_thp() "
            + "mm_find_pmd(); 6.18 set_huge_pmd() makes what is missing, measured 6.1 6.12 6.18 7.3")

    /// Khugepaged of these kernels refuses any large folio, of the PMD order too.
    private static let refusesEveryOrder = KernelRange(before: KernelVersion(6, 1))
    /// Every chunk of the mapping must have a page table of its own; later a table for the 1 GiB around is enough.
    private static let needsOwnTable = KernelRange(before: KernelVersion(6, 6))

    static func ask(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        guard inquiry.operation.collapses else {
            for rule in [compound, present, dirty] { trace.skip(rule, "only a collapse asks") }
            askInFile(inquiry, &trace)
            trace.skip(pageTable, "a fault makes what it needs")
            return
        }
        askCompound(inquiry, &trace)
        askPresent(inquiry, &trace)
        askDirty(inquiry, &trace)
        askInFile(inquiry, &trace)
        askPageTable(inquiry, &trace)
    }

    private static func askCompound(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let orders = inquiry.file.cachedOrders
        let fact = Fact("file.cachedOrders", orders.map(Fact.Value.orders) ?? .unknown)
        guard inquiry.has(compound) else {
            trace.skip(compound, "this kernel collapses folios of any order", fact)
            return
        }
        let pmdIsFine = !refusesEveryOrder.contains(inquiry.version)
        let refusal = inquiry.scanned(.pageCompound)
        if let orders, orders.isEmpty, inquiry.operation.isCollapse {
            askReadIn(inquiry, refusal, fact, &trace)
            return
        }
        if let orders {
            if orders.contains(where: { $0 != .zero && !($0 == inquiry.pmdOrder && pmdIsFine) }) {
                trace.fail(compound, refusal, "large folios are in the range", fact)
            } else {
                trace.pass(compound, "no folio of an order between 0 and the PMD's", fact)
            }
            return
        }
        switch inquiry.query.capability.orders {
        case .none, .shmem: trace.pass(compound, "the page cache holds none between 0 and the PMD's", fact)
        case .range(_, let maximum) where maximum == .zero:
            trace.pass(compound, "the page cache holds none between 0 and the PMD's", fact)
        case .range, .unknown:
            trace.lack(compound, "file.cachedOrders", refusal, "this kernel refuses large folios in the range", fact)
        }
    }

    /// Nothing is cached, and the readahead that the collapse starts makes large folios where the mapping holds them.
    private static func askReadIn(_ inquiry: Inquiry, _ refusal: Refusal, _ fact: Fact, _ trace: inout RuleTrace) {
        switch inquiry.query.capability.orders {
        case .none, .shmem: trace.pass(compound, "what is read in is single pages", fact)
        case .range(_, let maximum) where maximum == .zero:
            trace.pass(compound, "what is read in is single pages", fact)
        case .range: trace.fail(compound, refusal, "the collapse reads in large folios, and refuses them", fact)
        case .unknown:
            trace.lack(
                compound, inquiry.missingCapability, refusal, "this kernel refuses large folios that are read in", fact)
        }
    }

    private static func askPresent(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let orders = inquiry.file.cachedOrders
        let fact = Fact("file.cachedOrders", orders.map(Fact.Value.orders) ?? .unknown)
        let isKhugepaged = inquiry.operation == .khugepaged
        guard isKhugepaged || inquiry.pageCache == .shmem else {
            trace.skip(present, "MADV_COLLAPSE reads in what is not cached", fact)
            return
        }
        let refusal = inquiry.scanned(isKhugepaged ? .exceedNonePTE : .truncated)
        let finding =
            isKhugepaged
            ? "khugepaged takes no chunk of which nothing is cached" : "a chunk of shmem that is all a hole is refused"
        switch (orders?.isEmpty, inquiry.mapping.touched) {
        case (true?, _): trace.fail(present, refusal, finding, fact)
        case (false?, _): trace.pass(present, "pages are cached", fact)
        case (nil, true?): trace.pass(present, "pages are cached", Fact("mapping.touched", true))
        case (nil, _): trace.lack(present, "file.cachedOrders", refusal, finding, fact)
        }
    }

    private static func askDirty(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let file = inquiry.file
        let fact = Fact("file.dirty", file.dirty)
        guard inquiry.pageCache != .shmem, inquiry.operation.isCollapse, inquiry.has(dirty) else {
            trace.skip(dirty, "dirty pages are taken, or written back first", fact)
            return
        }
        let refusal = inquiry.scanned(.fail)
        let writes = inquiry.query.capability.writes
        if writes == WriteBehaviour.none || writes == .through {
            trace.pass(dirty, "a write leaves no dirty page", Fact("capability.writes", writes))
        } else if file.dirty == false {
            trace.pass(dirty, "no page is dirty or in writeback", fact)
        } else if isOnePMDFolio(inquiry) == true {
            let cached = Fact("file.cachedOrders", file.cachedOrders.map(Fact.Value.orders) ?? .unknown)
            trace.pass(dirty, "nothing is to be copied that could be dirty", cached)
        } else if file.dirty == nil {
            trace.lack(dirty, "file.dirty", refusal, "dirty pages are not collapsed", fact)
        } else if isOnePMDFolio(inquiry) == nil {
            trace.lack(dirty, "file.cachedOrders", refusal, "dirty pages are taken in a PMD folio only", fact)
        } else {
            trace.fail(dirty, refusal, "dirty pages are not collapsed, only flushed: a later call may succeed", fact)
        }
    }

    /// Whether every chunk is one PMD folio that only needs to be mapped; where nothing is known to be dirty, nothing
    /// cached at all will do as well.
    ///
    /// A dirty PMD folio is the filesystem's own: one that a collapse made does not outlive an open for writing.
    private static func isOnePMDFolio(_ inquiry: Inquiry) -> Bool? {
        if inquiry.mapping.pmdMapped == true { return true }
        if let orders = inquiry.file.cachedOrders {
            return orders.isEmpty ? inquiry.file.dirty == nil : orders == [inquiry.pmdOrder]
        }
        return inquiry.query.capability.orders.reaches(inquiry.pmdOrder) == false ? false : nil
    }

    /// Chunks that reach past the end of the file.
    private static func askInFile(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        guard let span = inquiry.span, span.count > 0 else {
            trace.skip(inFile, "there is no whole chunk")
            return
        }
        let size = Fact("file.size", inquiry.file.size)
        let count = Fact("count", span.count)
        let isShmem = inquiry.pageCache == .shmem
        let refusal = inquiry.operation.collapses ? inquiry.scanned(isShmem ? .truncated : .fail) : inquiry.beforeScan
        guard let fileSize = inquiry.file.size else {
            trace.lack(inFile, "file.size", refusal, "chunks must lie inside the file", size, count)
            return
        }
        let taken = span.countTaken(fileSize: fileSize, pageSize: inquiry.geometry.pageSize, isShmem: isShmem)
        if taken == span.count {
            let finding = isShmem ? "every chunk begins inside the file" : "every chunk lies inside the file"
            trace.pass(inFile, finding, size, count)
        } else {
            trace.fail(inFile, refusal, "a chunk reaches past the end of the file", size, count)
        }
    }

    private static func askPageTable(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let mapping = inquiry.mapping
        let fact = Fact("mapping.touched", mapping.touched)
        guard inquiry.operation.isCollapse, inquiry.has(pageTable) else {
            let why = inquiry.operation.isCollapse ? "this kernel makes what is missing" : "a later fault maps it"
            trace.skip(pageTable, why, fact)
            return
        }
        let nearby = Fact("mapping.pageTableNearby", mapping.pageTableNearby)
        let refusal: Refusal
        switch mapping.pageTableNearby {
        case true?: refusal = inquiry.scanned(.pmdNone)
        case false?: refusal = inquiry.scanned(.pmdNull)
        case nil: refusal = Refusal(errno: inquiry.scanned(.pmdNull).errno, scan: nil)
        }
        if mapping.touched == true || mapping.pmdMapped == true {
            trace.pass(pageTable, "page tables are there", fact)
            return
        }
        if needsOwnTable.contains(inquiry.version) {
            if mapping.touched == false {
                trace.fail(pageTable, refusal, "each chunk needs a page table", fact)
            } else {
                trace.lack(pageTable, "mapping.touched", refusal, "each chunk needs a page table", fact)
            }
            return
        }
        switch (mapping.pageTableNearby, mapping.touched) {
        case (true?, _): trace.pass(pageTable, "the 1 GiB around has a page table", fact, nearby)
        case (false?, false?): trace.fail(pageTable, refusal, "the 1 GiB around has no page table", fact, nearby)
        case (nil, false?):
            trace.lack(
                pageTable, "mapping.pageTableNearby", refusal, "the 1 GiB around needs a page table", fact, nearby)
        case (_, _):
            trace.lack(pageTable, "mapping.touched", refusal, "the 1 GiB around needs a page table", fact, nearby)
        }
    }
}

extension ChunkSpan {
    /// How many of the chunks, from the first, a file of `fileSize` bytes lets become PMD folios: shmem's may reach past
    /// the end.
    func countTaken(fileSize: Int, pageSize: Int, isShmem: Bool) -> Int {
        isShmem ? countBegun(fileSize: fileSize) : countInside(fileSize: fileSize, pageSize: pageSize)
    }
}
