package import FolioPolicy

/// Whether the kernel did what the policy said.
package enum Agreement: Hashable, Sendable {
    /// It did.
    case agreed
    /// It did not, in these respects, each a sentence.
    case disagreed([String])
    /// The policy made no prediction: these facts are not known.
    case noPrediction(missing: [String])

    /// Whether it is `.agreed`.
    package var isAgreed: Bool { self == .agreed }

    /// One decision about one chunk, held against what was seen of it.
    ///
    /// Allowed: the call succeeds and a PMD maps the chunk. Denied: the call fails with the errno that was named, where
    /// one was, and the operation makes no PMD map what none mapped before. Either way the bytes stay, folios move only
    /// where a copy was planned, what failed leaves every folio where it was, and a traced SCAN code is the one that was
    /// named. Code and folios are not compared where the trace ends in `succeeded` or `pte_mapped_hugepage`: the step
    /// that follows those has no tracepoint; nor where a fact was unknown that leaves it open.
    package init(_ decision: Decision, _ seen: ChunkObservation) {
        guard decision.verdict != .unknown else {
            self = .noPrediction(missing: decision.missing)
            return
        }
        var differences: [String] = []
        if !seen.contentIntact { differences.append("the content changed") }
        if decision.verdict == .allowed {
            if seen.pmdMapped == false { differences.append("no PMD maps it") }
            if let errno = seen.errno { differences.append("the call failed with \(errno)") }
            differences += Self.movement(decision.chunks.first?.action, seen)
        } else {
            differences += Self.refusal(decision, seen)
        }
        self = differences.isEmpty ? .agreed : .disagreed(differences)
    }

    private static func movement(_ action: ChunkPlan.Action?, _ seen: ChunkObservation) -> [String] {
        switch (action, seen.moved) {
        case (.copy?, false?): ["it was to be copied, and stayed in its frames"]
        case (.inPlace?, true?), (.alreadyMapped?, true?): ["it was to stay in its frames, and was copied"]
        case (_, _): []
        }
    }

    /// Whether what denies is asked once the new folio is in the page cache, where it then stays: what remains is to map it (Linux 6.1
    /// mm/khugepaged.c retract_page_tables(); 6.6 collapse_pte_mapped_thp()).
    private static func isAskedLast(_ decision: Decision) -> Bool {
        let denying = decision.rules.first { $0.outcome == .fail }?.id
        return denying == "mapping.pageTable" || denying == "mapping.copied"
    }

    private static func refusal(_ decision: Decision, _ seen: ChunkObservation) -> [String] {
        var differences: [String] = []
        if seen.pmdMapped == true, seen.pmdMappedBefore == false { differences.append("a PMD maps it") }
        if let errno = decision.errno, errno != seen.errno {
            differences.append("the call \(seen.errno.map { "failed with " + $0 } ?? "succeeded"), not \(errno)")
        }
        let follows = [ScanReason.succeed.rawValue, ScanReason.pteMappedHugePage.rawValue]
        if seen.traced, seen.foliosKept == false, !follows.contains(seen.scanReason ?? ""), !isAskedLast(decision) {
            differences.append("the call failed, and the folios are not what they were")
        }
        guard seen.traced, let reason = seen.scanReason, decision.errno != nil else { return differences }
        if let expected = decision.scanReason {
            if reason != expected, !follows.contains(reason) {
                differences.append("the trace says \(reason), not \(expected)")
            }
        } else if !decision.rules.contains(where: { $0.outcome == .unknown }), !follows.contains(reason) {
            differences.append("the trace says \(reason), where no scan was to run")
        }
        return differences
    }
}
