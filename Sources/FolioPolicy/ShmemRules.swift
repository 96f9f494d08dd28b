/// shmem's own controls: the mount's huge= and transparent_hugepage/shmem_enabled.
enum ShmemRules {
    static let enabled = Rule(
        "shmem.enabled",
        source: """
            5.4 mm/shmem.c shmem_huge_enabled(); 6.1 shmem_is_huge() SHMEM_HUGE_DENY, SHMEM_HUGE_FORCE; \
            6.12 shmem_huge_global_enabled(), measured 6.1 6.12 6.18
            """)
    static let huge = Rule(
        "shmem.huge",
        source: """
            5.4 mm/shmem.c shmem_huge_enabled(); 6.1 shmem_is_huge(); 6.12 shmem_allowable_huge_orders(), \
            6.19 THP_ORDERS_ALL_FILE_DEFAULT for faults too, measured 6.18 7.3; khugepaged of a VMA once: \
            6.1 mm/huge_memory.c hugepage_vma_check(), 6.18 __thp_vma_allowable_orders(), measured 6.18
            """)
    static let order = Rule(
        "shmem.order", kernels: KernelRange(from: KernelVersion(6, 11)),
        source: """
            6.11 mm/shmem.c shmem_allowable_huge_orders() huge_shmem_orders_always; 7.2 a forced collapse of anonymous \
            shmem is answered before it, in 6.12.117 and 7.0.14 by backport
            """)
    /// The kernels whose MADV_COLLAPSE asks the order's control for shared anonymous mappings; the backports lie
    /// somewhere between the stable updates that were read.
    static let collapseAsksOrder = [
        KernelRange(from: KernelVersion(6, 11), before: KernelVersion(6, 12, 117)),
        KernelRange(from: KernelVersion(6, 13), before: KernelVersion(7, 0, 14)),
        KernelRange(from: KernelVersion(7, 1), before: KernelVersion(7, 2)),
    ]
    /// From here a fault under huge=within_size takes the largest order that fits before it looks at the advice.
    static let faultTakesSmallerOrders = KernelRange(from: KernelVersion(6, 19))

    /// - Parameter allocates: whether the operation must allocate a folio that is not in the page cache.
    static func ask(_ inquiry: Inquiry, allocates: Bool, _ trace: inout RuleTrace) {
        let mode = inquiry.query.system.shmemEnabled
        let fact = Fact("system.shmemEnabled", mode)
        guard inquiry.pageCache == .shmem else {
            trace.skip(enabled, "the page cache is not shmem's")
            trace.skip(huge, "the page cache is not shmem's")
            trace.skip(order, "the page cache is not shmem's")
            return
        }
        guard allocates else {
            trace.skip(enabled, "no folio is to be allocated", fact)
            trace.skip(huge, "no folio is to be allocated")
            trace.skip(order, "no folio is to be allocated")
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
        } else {
            askHuge(inquiry, &trace)
        }
        askOrder(inquiry, &trace)
    }

    /// The control of the PMD's own order, which shared anonymous mappings alone heed.
    private static func askOrder(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let control = inquiry.query.system.shmemPMDControl
        let fact = Fact("system.shmemPMDControl", control)
        guard inquiry.mapping.anonymous == true, inquiry.has(order) else {
            trace.skip(order, "only a shared anonymous mapping asks, from 6.11 on", fact)
            return
        }
        let forced = inquiry.operation.isCollapse
        guard !forced || collapseAsksOrder.contains(where: { $0.contains(inquiry.version) }) else {
            trace.skip(order, "a forced collapse is answered before it", fact)
            return
        }
        let answer = orderAnswer(inquiry, control, forced: forced)
        switch answer.verdict {
        case .allowed: trace.pass(order, answer.finding, fact, answer.fact)
        case .denied: trace.fail(order, inquiry.beforeScan, answer.finding, fact, answer.fact)
        case .unknown: trace.lack(order, answer.missing, inquiry.beforeScan, answer.finding, fact, answer.fact)
        }
    }

    private static func orderAnswer(_ inquiry: Inquiry, _ control: ShmemOrderControl?, forced: Bool) -> Answer {
        let fact = Fact("mapping.advice", inquiry.mapping.advice)
        let mode = inquiry.query.system.shmemEnabled
        guard let control else {
            let name = "system.shmemPMDControl"
            return Answer(verdict: .unknown, finding: "the order's own control decides", fact: fact, missing: [name])
        }
        if !forced, control != .inherit {
            // shmem_enabled=force leaves those alone that inherit it.
            let shown = Fact("system.shmemEnabled", mode)
            if mode == .force {
                return Answer(verdict: .denied, finding: "under force only inherit makes it huge", fact: shown)
            }
            if mode == nil, control != .never {
                let missing = ["system.shmemEnabled"]
                return Answer(
                    verdict: .unknown, finding: "under force only inherit makes it huge", fact: shown, missing: missing)
            }
        }
        switch control {
        case .always: return Answer(verdict: .allowed, finding: "folios of the order are always made", fact: fact)
        case .never: return Answer(verdict: .denied, finding: "no folio of the order is made", fact: fact)
        case .inherit where forced: return Answer(verdict: .allowed, finding: "what is forced is inherited", fact: fact)
        case .inherit: return Answer(verdict: .allowed, finding: "shmem_enabled decides", fact: fact)
        case .advise: return adviceAnswer(inquiry, fact)
        case .withinSize:
            guard let size = inquiry.file.size else {
                let missing = ["file.size"]
                return Answer(
                    verdict: .unknown, finding: "chunks must lie inside the object", fact: fact, missing: missing)
            }
            let inside = inquiry.span.map {
                $0.countInside(fileSize: size, pageSize: inquiry.geometry.pageSize) == $0.count
            }
            return Answer(
                verdict: inside == false ? .denied : .allowed, finding: "chunks must lie inside the object", fact: fact)
        }
    }

    /// What the mount's huge= says, or one part of it.
    private struct Answer {
        let verdict: Verdict
        let finding: FixedText
        let fact: Fact
        var missing: [String] = []
    }

    /// The mapping's and the process's switches come first, then shmem_enabled=force, then the mount's huge=.
    private static func askHuge(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let mode = inquiry.query.system.shmemEnabled
        let enabled = Fact("system.shmemEnabled", mode)
        let advice = Fact("mapping.advice", inquiry.mapping.advice)
        var missing: [String] = []
        if inquiry.operation != .write {
            // Before 6.12 a fault's other rules look at neither of these, but the allocation does.
            let disabled = Fact("system.processDisabled", inquiry.query.system.processDisabled)
            if inquiry.mapping.advice == .noHugePage {
                trace.fail(huge, inquiry.beforeScan, "MADV_NOHUGEPAGE has been said", advice)
                return
            }
            let spared = ControlRules.exceptAdvised(inquiry) && inquiry.mapping.advice != MappingAdvice.none
            if inquiry.query.system.processDisabled == true, !spared {
                trace.fail(huge, inquiry.beforeScan, "PR_SET_THP_DISABLE is set", disabled)
                return
            }
            missing = [advice, disabled].filter { $0.value == .unknown }.map(\.name.description)
        }
        guard inquiry.mapping.anonymous != true || !inquiry.has(order) || orderInherits(inquiry) else {
            trace.skip(huge, "the order's own control decides for a shared anonymous mapping", enabled)
            return
        }
        var answer = Answer(verdict: .allowed, finding: "shmem_enabled=force comes before huge=", fact: enabled)
        if mode != .force { answer = mountAnswer(inquiry) }
        if answer.verdict == .denied && mode == nil {
            answer = Answer(
                verdict: .unknown, finding: "only shmem_enabled=force makes it huge", fact: answer.fact,
                missing: [enabled.name.description])
        }
        guard answer.verdict != .denied else {
            trace.fail(huge, inquiry.beforeScan, answer.finding, answer.fact, advice)
            return
        }
        missing += answer.missing.filter { !missing.contains($0) }
        if missing.isEmpty {
            trace.pass(huge, answer.finding, answer.fact, advice)
        } else {
            trace.lack(huge, missing, inquiry.beforeScan, answer.finding, answer.fact, advice)
        }
    }

    /// Whether a shared anonymous mapping does as shmem_enabled says, as far as is known.
    private static func orderInherits(_ inquiry: Inquiry) -> Bool {
        inquiry.query.system.shmemPMDControl == .inherit
    }

    private static func mountAnswer(_ inquiry: Inquiry) -> Answer {
        // The kernel's own mount, of shared anonymous memory and memfd, has shmem_enabled for its huge=.
        if inquiry.mapping.anonymous == true {
            let fact = Fact("system.shmemEnabled", inquiry.query.system.shmemEnabled)
            guard let mode = inquiry.query.system.shmemEnabled else {
                return Answer(
                    verdict: .unknown, finding: "shmem_enabled decides", fact: fact, missing: [fact.name.description])
            }
            return answer(of: mode, fact, inquiry)
        }
        guard let options = inquiry.query.filesystem.pageCacheOwner.mountOptions else {
            let fact = Fact("filesystem.mountOptions", .unknown)
            return Answer(verdict: .unknown, finding: "huge= decides", fact: fact, missing: [fact.name.description])
        }
        let mode = options["huge"].map(ShmemHugeMode.init) ?? .never
        return answer(of: mode, Fact("huge", .word(mode?.word ?? "another word")), inquiry)
    }

    private static func answer(of mode: ShmemHugeMode?, _ fact: Fact, _ inquiry: Inquiry) -> Answer {
        switch mode {
        case .always: return Answer(verdict: .allowed, finding: "every allocation is huge", fact: fact)
        case .withinSize: return withinSizeAnswer(inquiry, fact)
        case .advise: return adviceAnswer(inquiry, fact)
        case .never: return Answer(verdict: .denied, finding: "no allocation is huge", fact: fact)
        case .deny, .force, nil: return Answer(verdict: .denied, finding: "not a value of huge=", fact: fact)
        }
    }

    /// huge=advise, and huge=within_size where a chunk is not inside the file.
    private static func adviceAnswer(_ inquiry: Inquiry, _ fact: Fact) -> Answer {
        guard inquiry.operation != .write else {
            return Answer(
                verdict: .denied, finding: "write(2) has no mapping that MADV_HUGEPAGE could be said of", fact: fact)
        }
        switch inquiry.mapping.advice {
        case .hugePage: return Answer(verdict: .allowed, finding: "MADV_HUGEPAGE has been said", fact: fact)
        case .none?, .noHugePage: return Answer(verdict: .denied, finding: "MADV_HUGEPAGE is asked for", fact: fact)
        case nil:
            return Answer(
                verdict: .unknown, finding: "MADV_HUGEPAGE is asked for", fact: fact, missing: ["mapping.advice"])
        }
    }

    private static func withinSizeAnswer(_ inquiry: Inquiry, _ fact: Fact) -> Answer {
        guard let span = inquiry.span else {
            return Answer(verdict: .allowed, finding: "there is no mapping to ask about", fact: fact)
        }
        guard let fileSize = inquiry.file.size else {
            let advised = adviceAnswer(inquiry, fact)
            guard advised.verdict != .allowed || takesSmallerOrders(inquiry) else { return advised }
            return Answer(
                verdict: .unknown, finding: "chunks must lie inside the file", fact: fact,
                missing: ["file.size"] + advised.missing)
        }
        if inquiry.operation == .khugepaged { return wholeMappingAnswer(inquiry, fileSize, fact) }
        guard span.countInside(fileSize: fileSize, pageSize: inquiry.geometry.pageSize) < span.count else {
            return Answer(verdict: .allowed, finding: "every chunk lies inside the file", fact: fact)
        }
        if takesSmallerOrders(inquiry), holdsSmallerFolio(inquiry, span, fileSize) {
            let finding: FixedText = "a chunk reaches past the end of the file: a smaller folio that fits is taken"
            return Answer(verdict: .denied, finding: finding, fact: fact)
        }
        return adviceAnswer(inquiry, fact)
    }

    /// khugepaged asks once for a VMA: of its first page, whose chunk must lie inside the file, whatever becomes of the others.
    private static func wholeMappingAnswer(_ inquiry: Inquiry, _ fileSize: Int, _ fact: Fact) -> Answer {
        let chunk = inquiry.geometry.pmdSize
        let first = (inquiry.mapping.vmaOffset ?? inquiry.mapping.offset) / chunk * chunk
        guard let end = fileSize.roundedUp(to: inquiry.geometry.pageSize), end - first >= chunk else {
            return adviceAnswer(inquiry, fact)
        }
        return Answer(
            verdict: .allowed, finding: "the chunk in which the mapping begins lies inside the file", fact: fact)
    }

    private static func takesSmallerOrders(_ inquiry: Inquiry) -> Bool {
        inquiry.operation != .write && faultTakesSmallerOrders.contains(inquiry.version)
    }

    /// Whether two pages of the first chunk that is not inside the file are: the folio of order 1 that they fit in is
    /// taken, or a larger one that fits, whatever the advice.
    private static func holdsSmallerFolio(_ inquiry: Inquiry, _ span: ChunkSpan, _ fileSize: Int) -> Bool {
        let page = inquiry.geometry.pageSize
        let start = span.first + span.countInside(fileSize: fileSize, pageSize: page) * span.size
        return fileSize - start > page
    }
}
