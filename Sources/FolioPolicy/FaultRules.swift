/// How a page fault comes by a PMD folio: one is in the page cache, or readahead or shmem makes one.
enum FaultRules {
    static let folios = Rule(
        "cache.folios",
        source: """
            5.15 mm/filemap.c filemap_map_pmd(), 5.4 mm/memory.c do_set_pmd(): a PMD folio in the page cache; \
            small folios stay, measured 6.1 6.12 6.18 7.3
            """)
    static let hugePageAdvice = Rule(
        "fault.advice", kernels: KernelRange(from: KernelVersion(5, 18)),
        source: "5.18 mm/filemap.c do_sync_mmap_readahead() VM_HUGEPAGE (4687fdbb805a), measured 6.1 6.12 6.18 7.3")

    static let singlePages = Rule(
        "fault.readahead", kernels: KernelRange(before: KernelVersion(5, 18)),
        source: "5.15 mm/filemap.c do_sync_mmap_readahead(), mm/readahead.c: single pages, whatever is advised")

    /// From here readahead under MADV_HUGEPAGE makes no folio above `readaheadLimit` bytes (do_sync_mmap_readahead(),
    /// get_order(SZ_2M), read in 7.2 and 7.3).
    static let readaheadIsLimited = KernelRange(from: KernelVersion(7, 2))
    private static let readaheadLimit = 2 << 20

    /// What the page cache holds for the range.
    enum Cached {
        /// A PMD folio for every chunk.
        case pmd
        /// Nothing.
        case nothing
        /// Folios that are smaller, or not for every chunk.
        case small
        /// Not known.
        case unknown
    }

    static func cached(_ inquiry: Inquiry) -> Cached {
        guard let orders = inquiry.file.cachedOrders else {
            return inquiry.mapping.pmdMapped == true ? .pmd : .unknown
        }
        if orders.isEmpty { return .nothing }
        return orders == [inquiry.pmdOrder] ? .pmd : .small
    }

    /// - Returns: whether the operation must bring a PMD folio into the page cache.
    static func askCached(_ inquiry: Inquiry, _ trace: inout RuleTrace) -> Bool {
        let orders = inquiry.file.cachedOrders
        let fact = Fact("file.cachedOrders", orders.map(Fact.Value.orders) ?? .unknown)
        guard !inquiry.operation.collapses else {
            trace.skip(folios, "a collapse makes its own folio", fact)
            return false
        }
        guard !inquiry.isDax else {
            trace.skip(folios, "a DAX file has no page cache", fact)
            return false
        }
        switch cached(inquiry) {
        case .pmd:
            trace.pass(folios, "every chunk is one PMD folio in the page cache", fact)
            return false
        case .nothing:
            trace.pass(folios, "nothing is cached that would stand in the way", fact)
            return true
        case .small:
            trace.fail(folios, inquiry.beforeScan, "small folios are in the page cache and stay", fact)
            return false
        case .unknown where !canHoldPMD(inquiry):
            trace.fail(folios, inquiry.beforeScan, "no PMD folio can be in this page cache", fact)
            return false
        case .unknown:
            trace.lack(
                folios, "file.cachedOrders", inquiry.beforeScan, "a PMD folio is mapped, small ones stay", fact)
            return false
        }
    }

    /// A fault on a range of which nothing is cached, in a file that is not shmem's.
    static func askReadahead(_ inquiry: Inquiry, needed: Bool, _ trace: inout RuleTrace) {
        let advice = inquiry.mapping.advice
        let fact = Fact("mapping.advice", advice)
        guard needed, inquiry.operation.faults, inquiry.pageCache == .file else {
            trace.skip(hugePageAdvice, "no readahead of PMD order is to be started by a fault", fact)
            return
        }
        guard inquiry.has(hugePageAdvice) else {
            trace.fail(
                singlePages, inquiry.beforeScan, "readahead makes single pages before 5.18",
                Fact("kernel.version", .version(inquiry.version)))
            return
        }
        if readaheadIsLimited.contains(inquiry.version), inquiry.geometry.pmdSize > readaheadLimit {
            trace.fail(
                hugePageAdvice, inquiry.beforeScan, "readahead starts with no more than 2 MiB, and a PMD maps more",
                Fact("pmdSize", inquiry.geometry.pmdSize), fact)
            return
        }
        switch advice {
        case .hugePage: trace.pass(hugePageAdvice, "readahead starts with the PMD order", fact)
        case .none?, .noHugePage:
            trace.fail(hugePageAdvice, inquiry.beforeScan, "ordinary readahead starts with small folios", fact)
        case nil:
            trace.lack(
                hugePageAdvice, "mapping.advice", inquiry.beforeScan, "MADV_HUGEPAGE makes readahead start large", fact)
        }
    }

    /// Whether a PMD folio could be in the page cache: made by the filesystem, by shmem, or by a collapse.
    private static func canHoldPMD(_ inquiry: Inquiry) -> Bool {
        inquiry.query.capability.orders.reaches(inquiry.pmdOrder) != false || inquiry.fallbackMakesPMD
    }
}
