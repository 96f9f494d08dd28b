/// What kind of mapping it is, who watches it and what has been done to it.
enum MappingRules {
    static let special = Rule(
        "mapping.special", kernels: KernelRange(from: KernelVersion(5, 19)),
        source: "6.0 mm/huge_memory.c hugepage_vma_check() VM_NO_KHUGEPAGED; 6.10 __thp_vma_allowable_orders()")
    static let hugetlb = Rule(
        "mapping.hugetlb",
        source: "6.1 mm/huge_memory.c hugepage_vma_check() VM_HUGETLB of VM_NO_KHUGEPAGED; mm/hugetlb.c hugetlb_fault()"
    )
    static let access = Rule(
        "fault.access",
        source: """
            6.1 mm/memory.c do_cow_fault(): a store copies the page of a private mapping; do_shared_fault(), \
            finish_fault(), do_set_pmd(); measured 6.18
            """)
    static let watched = Rule(
        "mapping.userfaultfd",
        source: """
            6.1 mm/khugepaged.c collapse_pte_mapped_thp() SCAN_PTE_UFFD_WP; 6.4 collapse_file() userfaultfd_missing(), \
            measured 6.1 6.12 7.3; 6.1 mm/shmem.c shmem_get_folio_gfp()
            """)
    static let copied = Rule(
        "mapping.copied",
        source: """
            6.1 mm/khugepaged.c retract_page_tables() passes by what has an anon_vma, SCAN_FAIL, measured 6.1; 6.6 \
            collapse_pte_mapped_thp(): a page that is not the folio's
            """)

    /// From here a collapse asks whether somebody waits for the pages that it would fill in.
    static let gapsAreAskedAbout = KernelRange(from: KernelVersion(6, 3))

    static func askKind(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let fact = Fact("mapping.special", inquiry.mapping.special)
        if !inquiry.operation.collapses || !inquiry.has(special) {
            trace.skip(special, "only a collapse asks, from 5.19 on", fact)
        } else if inquiry.mapping.special == true {
            trace.fail(special, inquiry.beforeScan, "a driver's mapping is not collapsed", fact)
        } else {
            trace.pass(special, "nothing says that it is a driver's mapping", fact)
        }
        askAccess(inquiry, &trace)
    }

    private static func askAccess(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let fact = Fact("mapping.access", inquiry.mapping.access)
        guard inquiry.operation.faults else {
            trace.skip(access, "only a fault asks", fact)
            return
        }
        guard !inquiry.isHugetlb else {
            trace.skip(access, "hugetlbfs copies whole huge pages", fact)
            return
        }
        guard inquiry.mapping.access == .write else {
            trace.pass(access, "a load maps what is cached", fact)
            return
        }
        let shared = Fact("mapping.shared", inquiry.mapping.shared)
        switch inquiry.mapping.shared {
        case true?: trace.pass(access, "a store to a shared mapping maps what is cached", fact, shared)
        case false?: trace.fail(access, inquiry.beforeScan, "a store copies a page of a private mapping", fact, shared)
        case nil:
            trace.lack(
                access, "mapping.shared", inquiry.beforeScan, "a store copies a page of a private mapping", fact, shared
            )
        }
    }

    /// A fault on shmem that a userfaultfd watches.
    static func askWatchedFault(_ inquiry: Inquiry, needsFolio: Bool, _ trace: inout RuleTrace) {
        let modes = inquiry.mapping.userfaultfd
        let fact = Fact("mapping.userfaultfd", modes)
        guard let modes, !modes.isEmpty, inquiry.operation.faults else {
            trace.pass(watched, "nothing says that a userfaultfd watches it", fact)
            return
        }
        let cached = FaultRules.cached(inquiry)
        if modes.contains(.missing), needsFolio {
            trace.fail(watched, inquiry.beforeScan, "the monitor fills in what is missing, page by page", fact)
        } else if modes.contains(.minor), cached == .pmd {
            trace.fail(watched, inquiry.beforeScan, "the monitor maps what is cached, page by page", fact)
        } else if !modes.isDisjoint(with: [.missing, .minor]), cached == .unknown {
            trace.lack(
                watched, "file.cachedOrders", inquiry.beforeScan, "the monitor maps or fills in, page by page", fact)
        } else {
            trace.pass(watched, "what is watched for does not happen here", fact)
        }
    }

    /// The gaps that a collapse of shmem fills in, where a userfaultfd waits for them.
    static func askGaps(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let modes = inquiry.mapping.userfaultfd
        let fact = Fact("mapping.userfaultfd", modes)
        guard let modes, modes.contains(.missing), inquiry.pageCache == .shmem, inquiry.copies != false,
            gapsAreAskedAbout.contains(inquiry.version)
        else {
            if modes?.contains(.writeProtect) != true {
                trace.pass(watched, "no userfaultfd is known that the collapse would go behind", fact)
            }
            return
        }
        let holes = Fact("file.holes", inquiry.file.holes)
        let refusal = inquiry.scanned(.exceedNonePTE)
        switch (inquiry.file.holes, inquiry.copies) {
        case (true?, true?): trace.fail(watched, refusal, "a monitor waits for the missing pages", fact, holes)
        case (false?, _):
            if !modes.contains(.writeProtect) { trace.pass(watched, "no page is missing", fact, holes) }
        case (nil, true?):
            trace.lack(watched, "file.holes", refusal, "a monitor waits for the missing pages", fact, holes)
        case (_, _):
            trace.lack(watched, "file.cachedOrders", refusal, "a monitor waits for the missing pages", fact, holes)
        }
    }

    /// Whether the collapse's last step, the mapping by a PMD, is kept from it by a userfaultfd.
    static func askWriteProtected(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        guard let modes = inquiry.mapping.userfaultfd, modes.contains(.writeProtect) else { return }
        // askGaps has told of it already where it denied.
        if trace.hasAsked(watched) { return }
        let fact = Fact("mapping.userfaultfd", modes)
        if inquiry.mapping.pmdMapped == true {
            trace.pass(watched, "a PMD maps it already", fact)
        } else if inquiry.mapping.pmdMapped == nil, FaultRules.cached(inquiry) != .small,
            FaultRules.cached(inquiry) != .nothing
        {
            trace.lack(
                watched, "mapping.pmdMapped", inquiry.scanned(.pteUserfaultWriteProtected),
                "page tables stay where a userfaultfd protects pages", fact)
        } else {
            trace.fail(
                watched, inquiry.scanned(.pteUserfaultWriteProtected),
                "page tables stay where a userfaultfd protects pages", fact)
        }
    }

    /// Pages of a private mapping that are no longer the file's.
    static func askCopied(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let fact = Fact("mapping.copied", inquiry.mapping.copied)
        if inquiry.mapping.copied == true, inquiry.mapping.pmdMapped != true {
            trace.fail(copied, inquiry.scanned(.fail), "written pages of a private mapping are not the file's", fact)
        } else {
            trace.pass(copied, "nothing says that pages were copied", fact)
        }
    }

    /// hugetlbfs: pages of its own, none of the page cache's rules.
    static func askHugetlb(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        guard !inquiry.operation.collapses else {
            trace.fail(hugetlb, inquiry.beforeScan, "hugetlbfs has pages of its own, which nothing collapses")
            return
        }
        guard inquiry.operation != .write else {
            trace.fail(hugetlb, inquiry.beforeScan, "hugetlbfs has no write(2)")
            return
        }
        let options = inquiry.query.filesystem.pageCacheOwner.mountOptions
        guard let options else {
            trace.lack(
                hugetlb, "filesystem.mountOptions", inquiry.beforeScan, "pagesize= says which entry maps its pages",
                Fact("filesystem.mountOptions", .unknown))
            return
        }
        let size = options["pagesize"].map(bytes) ?? inquiry.geometry.pmdSize
        let fact = Fact("pagesize", size)
        let pmd = Fact("pmdSize", inquiry.geometry.pmdSize)
        if size == inquiry.geometry.pmdSize {
            trace.pass(hugetlb, "pages of the PMD's size, by a PMD each", fact, pmd)
            AllocationRules.askPool(inquiry, &trace)
        } else {
            trace.fail(hugetlb, inquiry.beforeScan, "pages of another size than a PMD maps", fact, pmd)
        }
    }

    /// Bytes of a size as hugetlbfs_show_options() prints it: `2M`, `512M`, `1G`, `64K`; nil: not understood.
    private static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits) else { return nil }
        switch text.dropFirst(digits.count).first {
        case "K", "k": return number << 10
        case "M", "m": return number << 20
        case "G", "g": return number << 30
        default: return number
        }
    }
}
