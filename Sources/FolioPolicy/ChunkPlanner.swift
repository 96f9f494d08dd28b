/// What happens to each whole chunk, from the verdict and from what the page cache holds.
enum ChunkPlanner {
    /// The plan where the rules of `trace` have been asked.
    ///
    /// Refused before the scan, every chunk stays; refused only because of the file's end, the chunks before it are
    /// taken. An unknown verdict has no plan. Where the range holds folios of several orders, chunks of a PMD folio among
    /// them, `copy` is the upper bound: the facts do not say which chunk holds which.
    static func plan(_ inquiry: Inquiry, _ trace: RuleTrace) -> CollapsePlan {
        let verdict = trace.verdict
        guard let span = inquiry.span, span.count > 0, verdict != .unknown else { return .empty }
        let action = verdict == .allowed ? action(inquiry) : .refused
        guard verdict == .denied, trace.isDeniedOnly(by: FolioStateRules.inFile), let fileSize = inquiry.file.size
        else {
            return plan(span, taken: span.count, action)
        }
        let taken = span.countTaken(
            fileSize: fileSize, pageSize: inquiry.geometry.pageSize, isShmem: inquiry.pageCache == .shmem)
        return plan(span, taken: taken, self.action(inquiry))
    }

    private static func plan(_ span: ChunkSpan, taken: Int, _ action: ChunkPlan.Action) -> CollapsePlan {
        CollapsePlan(
            chunkSize: span.size, inside: .init(offset: span.first, count: taken, action: action),
            beyond: .init(offset: span.first + taken * span.size, count: span.count - taken, action: .refused))
    }

    private static func action(_ inquiry: Inquiry) -> ChunkPlan.Action {
        if inquiry.mapping.pmdMapped == true { return .alreadyMapped }
        guard inquiry.operation.collapses else { return .inPlace }
        return FaultRules.cached(inquiry) == .pmd ? .inPlace : .copy
    }
}
