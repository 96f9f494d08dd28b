/// read(2) and write(2): what they leave in the page cache for a later fault to map.
enum ReadaheadWriteRules {
    static let ramp = Rule(
        "readahead.ramp",
        source: """
            5.18 mm/readahead.c page_cache_ra_order(): two orders more each round, no more than the window; \
            measured 6.18
            """)
    static let largeWrite = Rule(
        "write.large",
        source:
            "6.6 fs/iomap/buffered-io.c iomap_write_begin() fgf_set_order(); 6.17 ext4, btrfs; measured 6.12 6.18 7.3")
    static let drops = Rule(
        "write.drops", kernels: KernelEra.fallback,
        source: """
            5.4 fs/open.c do_dentry_open() filemap_nr_thps(): opening for write drops the page cache; measured \
            6.1 6.12
            """)

    static func ask(_ inquiry: Inquiry, needed: Bool, _ trace: inout RuleTrace) {
        let isFile = inquiry.pageCache == .file
        if inquiry.operation == .readahead, needed, isFile {
            trace.fail(
                ramp, inquiry.beforeScan, "a readahead window of the default size does not reach the PMD order")
        } else if inquiry.operation == .readahead, needed {
            trace.skip(ramp, "read(2) does not fill a hole of shmem; the fault that follows does")
        } else {
            trace.skip(ramp, "nothing is to be read in by read(2)")
        }
        askLargeWrite(inquiry, needed: needed, &trace)
        askDrops(inquiry, &trace)
    }

    private static func askLargeWrite(_ inquiry: Inquiry, needed: Bool, _ trace: inout RuleTrace) {
        let capability = inquiry.query.capability
        let fact = Fact("capability.largeFolioWrites", capability.largeFolioWrites)
        guard inquiry.operation == .write else {
            trace.skip(largeWrite, "only write(2) asks", fact)
            return
        }
        guard capability.writes != WriteBehaviour.none else {
            trace.fail(
                largeWrite, inquiry.beforeScan, "the filesystem is never written",
                Fact("capability.writes", capability.writes))
            return
        }
        let isFilesystems = needed && inquiry.pageCache == .file
        if isFilesystems, capability.largeFolioWrites == false {
            trace.fail(largeWrite, inquiry.beforeScan, "write(2) makes small folios", fact)
            return
        }
        guard let writes = capability.writes else {
            trace.lack(
                largeWrite, inquiry.missingCapability, inquiry.beforeScan, "the filesystem must be written to at all",
                Fact("capability.writes", capability.writes))
            return
        }
        guard isFilesystems else {
            trace.skip(
                largeWrite, "no folio of the filesystem's choice is to be made", Fact("capability.writes", writes))
            return
        }
        switch (capability.largeFolioWrites, capability.orders.reaches(inquiry.pmdOrder)) {
        case (true?, _): trace.pass(largeWrite, "one write(2) of whole chunks makes PMD folios", fact)
        case (_, false?): trace.skip(largeWrite, "the file's mapping holds no PMD folio", fact)
        case (_, _):
            trace.lack(
                largeWrite, inquiry.missingCapability, inquiry.beforeScan, "write(2) must make large folios", fact)
        }
    }

    /// A PMD folio made by the fallback does not outlive the open for writing.
    private static func askDrops(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let orders = inquiry.query.capability.orders
        guard inquiry.operation == .write, inquiry.pageCache == .file, inquiry.has(drops),
            FaultRules.cached(inquiry) == .pmd
        else {
            trace.skip(drops, "no folio of a collapse is to be dropped")
            return
        }
        let fact = Fact("capability.orders", .capability(orders))
        switch orders {
        case .none, .range(_, FolioOrder.zero):
            trace.fail(drops, inquiry.beforeScan, "the open for writing drops the page cache", fact)
        case .range, .shmem: trace.pass(drops, "a mapping that holds large folios is not dropped", fact)
        case .unknown:
            trace.lack(
                drops, inquiry.missingCapability, inquiry.beforeScan,
                "the open for writing drops the page cache of a mapping that holds no large folios", fact)
        }
    }
}
