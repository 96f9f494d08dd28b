/// What people and programs have switched on or off: madvise(2), prctl(2), sysfs.
enum ControlRules {
    /// The kernels whose fault asks whether the mapping or the process is switched off before it maps a PMD folio that
    /// is in the page cache.
    static let faultAsks = KernelRange(from: KernelVersion(6, 12))

    /// The kernels that have PR_THP_DISABLE_EXCEPT_ADVISED.
    static let splitsDisabled = KernelRange(from: KernelVersion(6, 18))

    static let advice = Rule(
        "control.advice",
        source: """
            5.4 mm/khugepaged.c hugepage_vma_check(); 6.10 mm/huge_memory.c __thp_vma_allowable_orders(); \
            6.12 mm/memory.c do_set_pmd(), measured 6.1 6.12 7.3
            """)
    static let process = Rule(
        "control.process",
        source: """
            5.4 mm/khugepaged.c hugepage_vma_check() MMF_DISABLE_THP; 6.12 include/linux/huge_mm.h \
            vma_thp_disabled(), measured 6.1 6.12 6.18
            """)
    static let enabled = Rule(
        "control.enabled",
        source: "6.0 mm/huge_memory.c hugepage_vma_check(); 6.10 __thp_vma_allowable_orders() TVA_ENFORCE_SYSFS")

    static func ask(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        askAdvice(inquiry, &trace)
        askProcess(inquiry, &trace)
        askEnabled(inquiry, &trace)
    }

    private static func askAdvice(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let fact = Fact("mapping.advice", inquiry.mapping.advice)
        guard inquiry.operation.collapses || inquiry.isDax || faultAsks.contains(inquiry.version) else {
            trace.skip(advice, "a fault does not ask before 6.12", fact)
            return
        }
        switch inquiry.mapping.advice {
        case .noHugePage: trace.fail(advice, inquiry.beforeScan, "MADV_NOHUGEPAGE has been said", fact)
        case .none?, .hugePage: trace.pass(advice, "MADV_NOHUGEPAGE has not been said", fact)
        case nil: trace.lack(advice, "mapping.advice", inquiry.beforeScan, "MADV_NOHUGEPAGE would deny", fact)
        }
    }

    private static func askProcess(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let disabled = inquiry.query.system.processDisabled
        let fact = Fact("system.processDisabled", disabled)
        guard inquiry.operation.collapses || inquiry.isDax || faultAsks.contains(inquiry.version) else {
            trace.skip(process, "a fault does not ask before 6.12", fact)
            return
        }
        switch disabled {
        case false?: trace.pass(process, "PR_SET_THP_DISABLE is not set", fact)
        case true? where exceptAdvised(inquiry): askExceptAdvised(inquiry, fact, &trace)
        case true?: trace.fail(process, inquiry.beforeScan, "PR_SET_THP_DISABLE is set", fact)
        case nil:
            trace.lack(process, "system.processDisabled", inquiry.beforeScan, "PR_SET_THP_DISABLE would deny", fact)
        }
    }

    /// Whether PR_SET_THP_DISABLE spares what is advised.
    static func exceptAdvised(_ inquiry: Inquiry) -> Bool {
        splitsDisabled.contains(inquiry.version) && inquiry.query.system.processDisabledExceptAdvised == true
    }

    /// PR_THP_DISABLE_EXCEPT_ADVISED: a forced collapse, a mapping under MADV_HUGEPAGE and the mapping of what is in the
    /// page cache are let through.
    private static func askExceptAdvised(_ inquiry: Inquiry, _ fact: Fact, _ trace: inout RuleTrace) {
        let said = Fact("mapping.advice", inquiry.mapping.advice)
        guard inquiry.operation == .khugepaged else {
            trace.pass(process, "PR_THP_DISABLE_EXCEPT_ADVISED lets it through", fact, said)
            return
        }
        switch inquiry.mapping.advice {
        case .hugePage:
            trace.pass(process, "PR_THP_DISABLE_EXCEPT_ADVISED, and MADV_HUGEPAGE has been said", fact, said)
        case .none?, .noHugePage:
            trace.fail(process, inquiry.beforeScan, "PR_THP_DISABLE_EXCEPT_ADVISED, and nothing is advised", fact, said)
        case nil:
            trace.lack(
                process, "mapping.advice", inquiry.beforeScan, "PR_THP_DISABLE_EXCEPT_ADVISED asks for MADV_HUGEPAGE",
                fact, said)
        }
    }

    private static func askEnabled(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        let mode = inquiry.query.system.enabled
        let fact = Fact("system.enabled", mode)
        guard inquiry.operation == .khugepaged else {
            trace.skip(enabled, "only khugepaged obeys transparent_hugepage/enabled for files", fact)
            return
        }
        let said = Fact("mapping.advice", inquiry.mapping.advice)
        switch (mode, inquiry.mapping.advice) {
        case (.never, _): trace.fail(enabled, inquiry.beforeScan, "khugepaged does not run", fact)
        case (.always, _): trace.pass(enabled, "every mapping is scanned", fact)
        case (.madvise, _) where inquiry.pageCache == .shmem:
            trace.pass(enabled, "khugepaged runs; shmem has controls of its own", fact)
        case (.madvise, .hugePage): trace.pass(enabled, "MADV_HUGEPAGE has been said", fact, said)
        case (.madvise, .none?), (.madvise, .noHugePage):
            trace.fail(enabled, inquiry.beforeScan, "MADV_HUGEPAGE has not been said", fact, said)
        case (.madvise, nil):
            trace.lack(enabled, "mapping.advice", inquiry.beforeScan, "MADV_HUGEPAGE is asked for", fact, said)
        case (nil, _):
            trace.lack(enabled, "system.enabled", inquiry.beforeScan, "khugepaged obeys it", fact, said)
        }
    }
}
