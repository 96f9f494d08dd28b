/// Where a new folio comes from: memory, and the memory cgroup that pays for it. Unless facts say otherwise they are
/// named as what may yet happen, and stand in nobody's way.
enum AllocationRules {
    static let memory = Rule(
        "memory.allocation",
        source: """
            5.4 mm/khugepaged.c collapse_file() SCAN_ALLOC_HUGE_PAGE_FAIL; 6.1 alloc_charge_hpage(): ENOMEM, \
            measured 6.12 7.3; 6.1 mm/hugetlb.c alloc_huge_page()
            """)
    static let cgroup = Rule(
        "memory.cgroup",
        source: "5.4 mm/khugepaged.c collapse_file() SCAN_CGROUP_CHARGE_FAIL; 6.1 alloc_charge_hpage(): EBUSY")

    /// - Parameter allocates: whether a PMD folio is to be allocated; nil: what is cached would tell.
    static func ask(_ inquiry: Inquiry, allocates: Bool?, _ trace: inout RuleTrace) {
        ask(
            memory, Fact("system.hugeFolioAvailable", inquiry.query.system.hugeFolioAvailable), inquiry,
            allocates: allocates, refusal: inquiry.scanned(.allocationFailed), "no folio of PMD order is free",
            possible: "a folio of PMD order must be free: ENOMEM else", &trace)
        ask(
            cgroup, Fact("system.memoryCgroupHasRoom", inquiry.query.system.memoryCgroupHasRoom), inquiry,
            allocates: allocates, refusal: inquiry.scanned(.cgroupCharge), "the memory cgroup has no room",
            possible: "the memory cgroup must have room: EBUSY else", &trace)
    }

    /// hugetlbfs takes its pages from a pool that was set aside: what a file has not got yet must be free there.
    static func askPool(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
        ask(
            memory, Fact("system.hugeFolioAvailable", inquiry.query.system.hugeFolioAvailable), inquiry,
            allocates: true, refusal: inquiry.beforeScan, "no page of the pool is free",
            possible: "a page of the pool must be free: ENOMEM or SIGBUS else", &trace)
    }

    private static func ask(
        _ rule: Rule, _ fact: Fact, _ inquiry: Inquiry, allocates: Bool?, refusal: Refusal, _ finding: FixedText,
        possible: FixedText, _ trace: inout RuleTrace
    ) {
        guard allocates != false else {
            trace.skip(rule, "no folio is to be allocated", fact)
            return
        }
        guard fact.value == .flag(false) else {
            trace.pass(rule, possible, fact)
            return
        }
        let seen = inquiry.operation.collapses ? refusal : inquiry.beforeScan
        if allocates == true {
            trace.fail(rule, seen, finding, fact)
        } else {
            trace.lack(rule, "file.cachedOrders", seen, finding, fact)
        }
    }
}
