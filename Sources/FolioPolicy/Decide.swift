/// Does every whole PMD chunk of the mapping come to be mapped by a PMD, by this operation on this kernel?
///
/// Total and deterministic: any query has one answer. A certain denial stands whatever else is unknown; otherwise an
/// unknown that could turn the answer makes it `unknown` and is named in `missing` by its path in a query document.
///
/// `fault` and `populate` are asked about as the first touch of the mapping. `readahead` and `write` are asked about with
/// the plain fault of the mapping that follows; a `write` is one write(2) of all of the range. `khugepaged` is asked about
/// with its default settings and given its time. A mapping without a whole chunk is denied; MADV_COLLAPSE of it is
/// EINVAL, because the mapping is taken to be the whole VMA and a VMA that can hold no PMD is not eligible.
public func decide(_ query: PolicyQuery) -> Decision {
    if query.kernel.version != nil, let answer = decideByRules(query) {
        return answer.verdict == .unknown ? Certainty.refined(query, answer) : answer
    }
    let versions = query.kernel.version.map { [$0] } ?? KernelEra.representatives
    var cases: [Decision] = []
    var lacking = query.kernel.version == nil ? ["kernel.version"] : []
    for version in versions {
        let inquiry = Inquiry(query, version: version)
        guard inquiry.pageCache == .unknown else {
            cases.append(decide(inquiry))
            continue
        }
        for fact in inquiry.missingPageCache where !lacking.contains(fact) { lacking.append(fact) }
        cases.append(decide(Inquiry(query, version: version, pageCache: .shmem)))
        cases.append(decide(Inquiry(query, version: version, pageCache: .file)))
    }
    let answer = Combination.decision(of: cases, lacking: lacking)
    return answer.verdict == .unknown ? Certainty.refined(query, answer) : answer
}

/// What the rules say one by one; nil: the kernel's version or the kind of page cache is not known.
func decideByRules(_ query: PolicyQuery) -> Decision? {
    guard let version = query.kernel.version else { return nil }
    let inquiry = Inquiry(query, version: version)
    return inquiry.pageCache == .unknown ? nil : decide(inquiry)
}

/// The answer where the kernel's version and the kind of page cache are known.
private func decide(_ inquiry: Inquiry) -> Decision {
    var trace = RuleTrace()
    EligibilityRules.askKernelAndFile(inquiry, &trace)
    MappingRules.askKind(inquiry, &trace)
    if inquiry.isHugetlb { MappingRules.askHugetlb(inquiry, &trace) }
    AlignmentRules.ask(inquiry, &trace)
    if !inquiry.isHugetlb {
        ControlRules.ask(inquiry, &trace)
        askPageCache(inquiry, &trace)
    }
    let verdict = trace.verdict
    let chunks = ChunkPlanner.plan(inquiry, trace)
    let missing = verdict == .unknown ? trace.missing : []
    return Decision(
        verdict: verdict, orders: orders(inquiry, verdict), errno: trace.errno, scanReason: trace.scanReason,
        missing: missing, rules: trace.takeDecided(), chunks: chunks)
}

/// The rules about what is in the page cache, and what comes into it.
private func askPageCache(_ inquiry: Inquiry, _ trace: inout RuleTrace) {
    let needsFolio = FaultRules.askCached(inquiry, &trace)
    let isFile = inquiry.pageCache == .file
    let collapses = inquiry.operation.collapses
    ShmemRules.ask(inquiry, allocates: collapses || needsFolio, &trace)
    EligibilityRules.askCollapseGate(inquiry, &trace)
    let mappingDecides =
        isFile && (collapses ? KernelEra.mappingDecides.contains(inquiry.version) : needsFolio)
    EligibilityRules.askCapability(
        inquiry, needed: mappingDecides, "on this kernel the operation does not ask the mapping", &trace)
    FaultRules.askReadahead(inquiry, needed: needsFolio, &trace)
    ReadaheadWriteRules.ask(inquiry, needed: needsFolio, &trace)
    FolioStateRules.ask(inquiry, allocates: needsFolio, &trace)
}

/// The orders the operation may create: the PMD's where allowed; below it what the page cache holds where a fault, a
/// read or a write makes only small folios; nil where nothing is created or it is not known.
private func orders(_ inquiry: Inquiry, _ verdict: Verdict) -> ClosedRange<FolioOrder>? {
    let pmd = inquiry.pmdOrder
    switch verdict {
    case .allowed: return pmd...pmd
    case .unknown: return nil
    case .denied where inquiry.operation.collapses: return nil
    case .denied: break
    }
    switch inquiry.query.capability.orders {
    case .none, .shmem: return .zero ... .zero
    case .unknown: return nil
    case .range(let minimum, let maximum):
        let below = FolioOrder(pmd.rawValue == 0 ? 0 : pmd.rawValue - 1)
        let top = min(maximum, below)
        return minimum <= top ? minimum...top : nil
    }
}
