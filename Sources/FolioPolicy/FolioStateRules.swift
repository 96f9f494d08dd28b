/// What the page cache holds and what maps it: the rules of the scan and of collapse_file().
enum FolioStateRules {
    static let compound = Rule(
        "cache.compound", kernels: KernelRange(from: KernelVersion(5, 4), before: KernelVersion(6, 12)),
        source: """
            5.4 mm/khugepaged.c khugepaged_scan_file(); 6.1 hpage_collapse_scan_file() SCAN_PAGE_COMPOUND; \
            gone in 6.12 (7de856ffd007), measured 6.1 6.12
            """)
    static let present = Rule(
        "cache.present",
        source: """
            6.1 mm/khugepaged.c hpage_collapse_scan_file() khugepaged_max_ptes_none; collapse_file() SCAN_TRUNCATED \
            of an empty extent of shmem, measured 6.1 6.12 6.18 7.3
            """)
    static let dirty = Rule(
        "cache.dirty", kernels: KernelRange(from: KernelVersion(6, 1), before: KernelVersion(7, 0)),
        source: """
            6.1 mm/khugepaged.c collapse_file() filemap_flush(); 7.0 writes back and tries again, \
            measured 6.1 6.12 7.3
            """)
    static let writeback = Rule(
        "cache.writeback", kernels: KernelRange(from: KernelVersion(6, 1), before: KernelVersion(7, 0)),
        source: """
            6.1 mm/khugepaged.c collapse_file() PageWriteback: SCAN_FAIL; 7.0 madvise_collapse() waits, and tries \
            again, measured 6.1 6.12 7.3
            """)
    static let references = Rule(
        "cache.references", kernels: KernelEra.fallbackAndLater,
        source: "5.4 mm/khugepaged.c khugepaged_scan_file() page_count(); 6.12 is_refcount_suitable(): EAGAIN")
    static let privateData = Rule(
        "cache.private", kernels: KernelEra.fallbackAndLater,
        source: """
            5.4 mm/khugepaged.c collapse_file() try_to_release_page(); 6.1 filemap_release_folio(): \
            SCAN_PAGE_HAS_PRIVATE, EINVAL to 7.1, EAGAIN from 7.2
            """)
    static let inFile = Rule(
        "chunk.file",
        source: """
            6.1 mm/khugepaged.c collapse_file(); mm/filemap.c page_cache_ra_order(); shmem fills up with zeroes, \
            measured 6.1 6.12
            """)
    static let pageTable = Rule(
        "mapping.pageTable", kernels: KernelRange(from: KernelVersion(6, 1), before: KernelVersion(6, 18)),
        source: """
            6.1 mm/khugepaged.c retract_page_tables() find_pmd_or_thp_or_none(); 6.6 collapse_pte_mapped_thp() \
            mm_find_pmd(); 6.18 set_huge_pmd() makes what is missing, measured 6.1 6.12 6.18 7.3
            """)

    /// Khugepaged of these kernels refuses any large folio, of the PMD order too.
    static let refusesEveryOrder = KernelRange(before: KernelVersion(6, 1))
    /// Every chunk of the mapping must have a page table of its own; later a table for the 1 GiB around is enough.
    static let needsOwnTable = KernelRange(before: KernelVersion(6, 6))

    static func ask(_ inquiry: Inquiry, allocates: Bool, _ trace: inout RuleTrace) {
        guard inquiry.operation.collapses else {
            for rule in [compound, references, present, dirty, writeback, privateData] {
                trace.skip(rule, "only a collapse asks")
            }
            MappingRules.askWatchedFault(inquiry, needsFolio: allocates, &trace)
            AllocationRules.ask(inquiry, allocates: allocates, &trace)
            askInFile(inquiry, &trace)
            trace.skip(MappingRules.copied, "only a collapse asks")
            trace.skip(pageTable, "a fault makes what it needs")
            return
        }
        // As the kernel does: the scan of what is cached, then collapse_file(), then the mapping by a PMD.
        askCompound(inquiry, &trace)
        askReferences(inquiry, &trace)
        let isKhugepaged = inquiry.operation == .khugepaged
        if isKhugepaged { askPresent(inquiry, &trace) }
        AllocationRules.ask(inquiry, allocates: inquiry.copies, &trace)
        if !isKhugepaged { askPresent(inquiry, &trace) }
        askDirty(inquiry, &trace)
        askWriteback(inquiry, &trace)
        askPrivateData(inquiry, &trace)
        askInFile(inquiry, &trace)
        MappingRules.askGaps(inquiry, &trace)
        if needsOwnTable.contains(inquiry.version) {
            MappingRules.askCopied(inquiry, &trace)
            askPageTable(inquiry, &trace)
            MappingRules.askWriteProtected(inquiry, &trace)
        } else {
            MappingRules.askWriteProtected(inquiry, &trace)
            askPageTable(inquiry, &trace)
            MappingRules.askCopied(inquiry, &trace)
        }
    }

    private static func askReferences(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        askObstacle(
            references, Fact("file.extraReferences", inquiry.file.extraReferences), inquiry, .pageCount,
            "somebody else holds the folios", none: "nobody is known to hold the folios: EAGAIN else", &trace)
    }

    private static func askPrivateData(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        guard inquiry.pageCache != .shmem else {
            trace.skip(privateData, "shmem has none")
            return
        }
        askObstacle(
            privateData, Fact("file.privateData", inquiry.file.privateData), inquiry, .pageHasPrivate,
            "the filesystem does not let go of the folios' private data",
            none: "no private data is known that would be kept", &trace)
    }

    /// Something about the folios that are to be copied, in the way where it is known to be.
    private static func askObstacle(
        _ rule: Rule, _ fact: Fact, _ inquiry: Inquiry, _ reason: ScanReason, _ finding: FixedText, none: FixedText,
        _ trace: inout RuleTrace
    ) {
        guard inquiry.has(rule) else {
            trace.skip(rule, "this kernel collapses no file", fact)
            return
        }
        guard fact.value == .flag(true), inquiry.file.cachedOrders?.isEmpty != true else {
            trace.pass(rule, none, fact)
            return
        }
        switch inquiry.copies {
        case true?: trace.fail(rule, inquiry.scanned(reason), finding, fact)
        case false?: trace.pass(rule, "nothing is copied", fact)
        case nil: trace.lack(rule, "file.cachedOrders", inquiry.scanned(reason), finding, fact)
        }
    }

    private static func askWriteback(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let fact = Fact("file.writeback", inquiry.file.writeback)
        guard inquiry.pageCache != .shmem, inquiry.operation.isCollapse, inquiry.has(writeback) else {
            trace.skip(writeback, "it is waited for", fact)
            return
        }
        let writes = inquiry.query.capability.writes
        guard inquiry.file.writeback == true, writes != WriteBehaviour.none, writes != .through else {
            trace.pass(writeback, "no page is known to be in writeback", fact)
            return
        }
        switch isOnePMDFolio(inquiry) {
        case true?: trace.pass(writeback, "nothing is copied", fact)
        case false?:
            trace.fail(
                writeback, inquiry.scanned(.fail), "pages in writeback are not collapsed: a later call may succeed",
                fact)
        case nil:
            trace.lack(
                writeback, "file.cachedOrders", inquiry.scanned(.fail), "pages in writeback are not collapsed", fact)
        }
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
        let finding: FixedText =
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
            let finding: FixedText = isShmem ? "every chunk begins inside the file" : "every chunk lies inside the file"
            trace.pass(inFile, finding, size, count)
        } else {
            trace.fail(inFile, refusal, "a chunk reaches past the end of the file", size, count)
        }
    }

    /// Whether every chunk is one PMD folio already, so that collapse_pte_mapped_thp() alone is at work.
    private static func onlyMaps(_ inquiry: Inquiry) -> Bool { inquiry.file.cachedOrders == [inquiry.pmdOrder] }

    private static func askPageTable(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let mapping = inquiry.mapping
        let fact = Fact("mapping.touched", mapping.touched)
        guard inquiry.operation.isCollapse, inquiry.has(pageTable) else {
            let why: FixedText =
                inquiry.operation.isCollapse ? "this kernel makes what is missing" : "a later fault maps it"
            trace.skip(pageTable, why, fact)
            return
        }
        let nearby = Fact("mapping.pageTableNearby", mapping.pageTableNearby)
        let refusal: Refusal
        switch mapping.pageTableNearby {
        case true? where !onlyMaps(inquiry): refusal = inquiry.scanned(.pmdNone)
        case false? where !onlyMaps(inquiry): refusal = inquiry.scanned(.pmdNull)
        default: refusal = Refusal(errno: inquiry.scanned(.pmdNull).errno, scan: nil)
        }
        if mapping.touched == true || mapping.pmdMapped == true {
            trace.pass(pageTable, "page tables are there", fact)
            return
        }
        if needsOwnTable.contains(inquiry.version), !onlyMaps(inquiry) {
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
