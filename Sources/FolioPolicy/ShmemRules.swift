/// shmem's own controls: the mount's huge= and transparent_hugepage/shmem_enabled.
enum ShmemRules {
    static let enabled = Rule(
        "shmem.enabled",
        source: "5.4 mm/shmem.c shmem_huge_enabled(); 6.1 shmem_is_huge() SHMEM_HUGE_DENY, SHMEM_HUGE_FORCE; "
            + "6.12 shmem_huge_global_enabled(), measured 6.1 6.12 6.18")
    static let huge = Rule(
        "shmem.huge",
        source: "5.4 mm/shmem.c shmem_huge_enabled(); 6.1 shmem_is_huge(); 6.12 shmem_allowable_huge_orders(), "
            + "measured 6.18")

    /// - Parameter allocates: whether the operation must allocate a folio that is not in the page cache.
    static func ask(_ inquiry: Inquiry, allocates: Bool, _ trace: inout RuleTrace) {
        let mode = inquiry.query.system.shmemEnabled
        let fact = Fact("system.shmemEnabled", mode)
        guard inquiry.pageCache == .shmem else {
            trace.skip(enabled, "the page cache is not shmem's")
            trace.skip(huge, "the page cache is not shmem's")
            return
        }
        guard allocates else {
            trace.skip(enabled, "no folio is to be allocated", fact)
            trace.skip(huge, "no folio is to be allocated")
            return
        }
        switch mode {
        case .deny: trace.fail(enabled, inquiry.beforeScan, "no shmem is huge", fact)
        case .force: trace.pass(enabled, "all shmem is huge", fact)
        case .always, .withinSize, .advise, .never: trace.pass(enabled, "huge= decides for a mount", fact)
        case nil: trace.lack(enabled, "system.shmemEnabled", inquiry.beforeScan, "deny would refuse", fact)
        }
        if inquiry.operation.isCollapse {
            trace.skip(huge, "MADV_COLLAPSE does not ask")
        } else if mode == .force {
            trace.skip(huge, "shmem_enabled=force comes before it", fact)
        } else {
            askHuge(inquiry, &trace)
        }
    }

    private static func askHuge(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        guard let options = inquiry.query.filesystem.pageCacheOwner.mountOptions else {
            trace.lack(
                huge, "filesystem.mountOptions", inquiry.beforeScan, "huge= decides",
                Fact("filesystem.mountOptions", .unknown))
            return
        }
        let word = options["huge"] ?? "never"
        let fact = Fact("huge", .word(word))
        guard let mode = ShmemHugeMode(rawValue: word), mode != .deny, mode != .force else {
            trace.fail(huge, inquiry.beforeScan, "not a value of huge=", fact)
            return
        }
        let advice = inquiry.mapping.advice
        let said = Fact("mapping.advice", advice)
        // Before 6.12 a fault's other rules do not look at the advice, but the allocation does.
        if advice == .noHugePage && inquiry.operation != .write {
            trace.fail(huge, inquiry.beforeScan, "MADV_NOHUGEPAGE has been said", fact, said)
            return
        }
        switch mode {
        case .always: trace.pass(huge, "every allocation is huge", fact)
        case .withinSize: askWithinSize(inquiry, fact, &trace)
        case .advise where inquiry.operation == .write:
            trace.fail(huge, inquiry.beforeScan, "write(2) has no mapping that MADV_HUGEPAGE could be said of", fact)
        case .advise: askAdvice(inquiry, fact, &trace)
        case .never, .deny, .force: trace.fail(huge, inquiry.beforeScan, "no allocation is huge", fact)
        }
    }

    /// huge=advise, and huge=within_size where a chunk is not inside the file.
    private static func askAdvice(_ inquiry: Inquiry, _ fact: Fact, _ trace: inout RuleTrace) {
        let said = Fact("mapping.advice", inquiry.mapping.advice)
        switch inquiry.mapping.advice {
        case .hugePage: trace.pass(huge, "MADV_HUGEPAGE has been said", fact, said)
        case .none?, .noHugePage: trace.fail(huge, inquiry.beforeScan, "MADV_HUGEPAGE is asked for", fact, said)
        case nil: trace.lack(huge, "mapping.advice", inquiry.beforeScan, "MADV_HUGEPAGE is asked for", fact, said)
        }
    }

    private static func askWithinSize(_ inquiry: Inquiry, _ fact: Fact, _ trace: inout RuleTrace) {
        guard let span = inquiry.span else {
            trace.skip(huge, "there is no mapping", fact)
            return
        }
        let size = Fact("file.size", inquiry.file.size)
        guard let fileSize = inquiry.file.size else {
            trace.lack(huge, "file.size", inquiry.beforeScan, "chunks must lie inside the file", fact, size)
            return
        }
        if span.countInside(fileSize: fileSize, pageSize: inquiry.geometry.pageSize) == span.count {
            trace.pass(huge, "every chunk lies inside the file", fact, size)
        } else if inquiry.operation == .write {
            trace.fail(huge, inquiry.beforeScan, "a chunk reaches past the end of the file", fact, size)
        } else {
            askAdvice(inquiry, fact, &trace)
        }
    }
}
