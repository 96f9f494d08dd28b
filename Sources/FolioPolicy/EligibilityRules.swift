/// Which kernels, files and mappings an operation takes at all.
enum EligibilityRules {
    /// The configuration option of the executable/read-only fallback.
    static let option = "READ_ONLY_THP_FOR_FS"

    static let hugePages = Rule("kernel.hugePages", source: "mm/Kconfig TRANSPARENT_HUGEPAGE")
    static let geometry = Rule(
        "geometry.pmd", source: "6.10 include/linux/pagemap.h MAX_PAGECACHE_ORDER, include/linux/xarray.h MAX_XAS_ORDER"
    )
    static let exists = Rule(
        "operation.exists",
        source: """
            6.1 mm/madvise.c MADV_COLLAPSE (7d8faaf15545); 5.14 MADV_POPULATE_READ (4ca9b3859dac); \
            5.4 mm/khugepaged.c khugepaged_scan_file()
            """)
    static let regular = Rule(
        "file.regular", source: "5.10 mm/khugepaged.c hugepage_vma_check() S_ISREG; 6.10 file_thp_enabled()")
    static let dax = Rule("file.dax", source: "6.0 mm/huge_memory.c hugepage_vma_check() vma_is_dax()")
    static let config = Rule(
        "fallback.config", kernels: KernelEra.fallback,
        source: """
            5.4 mm/Kconfig READ_ONLY_THP_FOR_FS (99cb0dbd47a1); 5.19 include/linux/huge_mm.h file_thp_enabled(); \
            gone in 7.2, measured 6.1 6.12 6.18
            """)
    static let exec = Rule(
        "fallback.exec", kernels: KernelEra.fallbackAsksForExec,
        source: """
            5.4 mm/khugepaged.c hugepage_vma_check() VM_DENYWRITE; 5.15 VM_EXEC; dropped in 6.8 (7fbb5e188248), \
            measured 6.1 6.12
            """)
    static let writers = Rule(
        "fallback.writers", kernels: KernelRange(from: KernelVersion(5, 15), before: KernelVersion(7, 2)),
        source: """
            5.15 mm/khugepaged.c hugepage_vma_check() inode_is_open_for_write(); 6.10 file_thp_enabled(), \
            measured 6.1 6.12 7.3
            """)
    static let capability = Rule(
        "capability.pmd",
        source: """
            7.2 mm/huge_memory.c file_thp_enabled() mapping_pmd_folio_support(), measured 7.3; \
            5.18 mm/filemap.c do_sync_mmap_readahead() mapping_large_folio_support()
            """)

    static func askKernelAndFile(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        if inquiry.isHugetlb {
            trace.skip(hugePages, "hugetlbfs has nothing of transparent huge pages")
            trace.skip(geometry, "hugetlbfs has no page cache of folios")
        } else {
            askHugePages(inquiry, &trace)
        }
        askExists(inquiry, &trace)
        askRegular(inquiry, &trace)
        askDax(inquiry, &trace)
    }

    private static func askHugePages(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let built = inquiry.query.kernel.config["TRANSPARENT_HUGEPAGE"]
        if built == false {
            trace.fail(
                hugePages, inquiry.beforeScan, "the kernel is built without transparent huge pages",
                Fact("config.TRANSPARENT_HUGEPAGE", built))
        } else {
            trace.pass(hugePages, "nothing says otherwise", Fact("config.TRANSPARENT_HUGEPAGE", built))
        }
        let maximum = Fact("maximumPageCacheOrder", Int(inquiry.geometry.maximumPageCacheOrder.rawValue))
        let pmd = Fact("pmdOrder", Int(inquiry.pmdOrder.rawValue))
        if inquiry.geometry.reachesPMD {
            trace.pass(geometry, "the page cache can hold a PMD folio", maximum, pmd)
        } else {
            trace.fail(geometry, inquiry.beforeScan, "the page cache can hold no PMD folio", maximum, pmd)
        }
    }

    /// The gate of khugepaged and MADV_COLLAPSE for what is not shmem.
    static func askCollapseGate(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        guard inquiry.operation.collapses, inquiry.pageCache == .file else {
            let why: FixedText = inquiry.operation.collapses ? "shmem needs none of it" : "only a collapse asks"
            for rule in [config, exec, writers] { trace.skip(rule, why) }
            return
        }
        askConfig(inquiry, &trace)
        askExec(inquiry, &trace)
        askWriters(inquiry, &trace)
    }

    /// Whether the mapping can hold PMD folios, where that decides.
    static func askCapability(_ inquiry: Inquiry, needed: Bool, _ why: FixedText, _ trace: inout RuleTrace) {
        let orders = inquiry.query.capability.orders
        let fact = Fact("capability.orders", .capability(orders))
        guard needed else {
            trace.skip(capability, why, fact)
            return
        }
        let confidence = Fact("capability.confidence", inquiry.query.capability.confidence)
        switch orders.reaches(inquiry.pmdOrder) {
        case true?: trace.pass(capability, "the file's mapping holds PMD folios", fact, confidence)
        case false?:
            trace.fail(capability, inquiry.beforeScan, "the file's mapping holds no PMD folio", fact, confidence)
        case nil:
            trace.lack(
                capability, inquiry.missingCapability, inquiry.beforeScan, "the file's mapping must hold PMD folios",
                fact)
        }
    }

    private static func askExists(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let version = Fact("kernel.version", .version(inquiry.version))
        let first: KernelRange
        switch inquiry.operation {
        case .collapse, .processCollapse: first = KernelEra.collapse
        case .populate: first = KernelEra.populate
        case .khugepaged where inquiry.pageCache != .shmem: first = KernelRange(from: KernelEra.fallback.lower)
        case .khugepaged, .fault, .readahead, .write: first = .all
        }
        if first.contains(inquiry.version) {
            trace.pass(exists, "this kernel has the operation", version)
        } else {
            let refusal = Refusal(errno: inquiry.operation == .khugepaged ? nil : .invalid, scan: nil)
            trace.fail(exists, refusal, "this kernel does not have the operation", version)
        }
    }

    private static func askRegular(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let fact = Fact("file.regular", inquiry.file.regular)
        switch inquiry.file.regular {
        case true?: trace.pass(regular, "a regular file", fact)
        case false? where !inquiry.operation.collapses && inquiry.query.filesystem.type == "bdev":
            trace.pass(regular, "a block device's page cache is mapped as a file's is", fact)
        case false?: trace.fail(regular, inquiry.beforeScan, "not a regular file", fact)
        case nil where !inquiry.operation.collapses && inquiry.query.filesystem.type == "bdev":
            trace.pass(regular, "a block device's page cache is mapped as a file's is", fact)
        case nil: trace.lack(regular, "file.regular", inquiry.beforeScan, "only regular files are taken", fact)
        }
    }

    private static func askDax(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let fact = Fact("file.dax", inquiry.isDax)
        guard inquiry.isDax else {
            trace.pass(dax, "nothing says that it is a DAX file", fact)
            return
        }
        guard inquiry.operation.faults else {
            trace.fail(dax, inquiry.beforeScan, "a DAX file has no page cache", fact)
            return
        }
        let extents = Fact("file.alignedExtents", inquiry.file.alignedExtents)
        switch inquiry.file.alignedExtents {
        case true?: trace.pass(dax, "a PMD maps the storage itself", fact, extents)
        case false?: trace.fail(dax, inquiry.beforeScan, "no extent lies so that a PMD can map it", fact, extents)
        case nil:
            trace.lack(
                dax, "file.alignedExtents", inquiry.beforeScan,
                "a DAX fault maps storage by a PMD where the extent is aligned to it", fact, extents)
        }
    }

    private static func askConfig(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let built = inquiry.query.kernel.config[option]
        let fact = Fact("config.READ_ONLY_THP_FOR_FS", built)
        guard inquiry.has(config) else {
            trace.skip(config, "this kernel has no such option", Fact("kernel.version", .version(inquiry.version)))
            return
        }
        switch built {
        case true?: trace.pass(config, "the kernel has the fallback", fact)
        case false?: trace.fail(config, inquiry.beforeScan, "the kernel is built without the fallback", fact)
        case nil:
            trace.lack(
                config, "config.READ_ONLY_THP_FOR_FS", inquiry.beforeScan, "the kernel must have the fallback", fact)
        }
    }

    private static func askExec(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let fact = Fact("mapping.exec", inquiry.mapping.exec)
        guard inquiry.has(exec) else {
            trace.skip(exec, "this kernel does not ask for VM_EXEC", fact)
            return
        }
        guard KernelEra.fallbackAsksForImage.contains(inquiry.version) else {
            switch inquiry.mapping.exec {
            case true?: trace.pass(exec, "VM_EXEC is set", fact)
            case false?: trace.fail(exec, inquiry.beforeScan, "VM_EXEC is asked for", fact)
            case nil: trace.lack(exec, "mapping.exec", inquiry.beforeScan, "VM_EXEC is asked for", fact)
            }
            return
        }
        let image = Fact("mapping.programImage", inquiry.mapping.programImage)
        switch (inquiry.mapping.programImage, inquiry.mapping.exec) {
        case (true?, _): trace.pass(exec, "VM_DENYWRITE is set", image)
        case (false?, _): trace.fail(exec, inquiry.beforeScan, "VM_DENYWRITE is asked for", image)
        case (nil, _):
            trace.lack(exec, "mapping.programImage", inquiry.beforeScan, "VM_DENYWRITE is asked for", image, fact)
        }
    }

    private static func askWriters(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let mapping = inquiry.mapping
        let fact = Fact("file.openForWrite", inquiry.file.openForWrite)
        guard inquiry.has(writers) else {
            trace.skip(writers, "this kernel does not ask", fact)
            return
        }
        if mapping.shared == true && mapping.write == true {
            trace.fail(
                writers, inquiry.beforeScan, "a writable shared mapping keeps the file open for writing",
                Fact("mapping.shared", mapping.shared), Fact("mapping.write", mapping.write))
            return
        }
        switch (inquiry.file.openForWrite, inquiry.query.capability.writes) {
        case (true?, _): trace.fail(writers, inquiry.beforeScan, "somebody has it open for writing", fact)
        case (false?, _): trace.pass(writers, "nobody has it open for writing", fact)
        case (nil, WriteBehaviour.none?): trace.pass(writers, "the filesystem is never written", fact)
        case (nil, _):
            trace.lack(writers, "file.openForWrite", inquiry.beforeScan, "nobody may have it open for writing", fact)
        }
    }
}
