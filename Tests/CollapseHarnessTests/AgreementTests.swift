import CollapseHarness
import FolioPolicy
import Testing

@Suite("prediction against observation")
struct AgreementTests {
    private func decision(
        _ verdict: Verdict, errno: String? = nil, scan: String? = nil, action: ChunkPlan.Action = .copy,
        missing: [String] = []
    ) -> Decision {
        let run = CollapsePlan.Run(offset: 0, count: 1, action: action)
        let none = CollapsePlan.Run(offset: 2 << 20, count: 0, action: .refused)
        let outcome: RuleOutcome.Outcome = verdict == .denied ? .fail : .pass
        return Decision(
            verdict: verdict, orders: nil, errno: errno, scanReason: scan, missing: missing,
            rules: [RuleOutcome(id: "some.rule", outcome: outcome, evidence: "so", source: "here")],
            chunks: CollapsePlan(chunkSize: 2 << 20, inside: run, beyond: none))
    }

    private func seen(_ pmdMapped: Bool?, before: Bool? = false, errno: String? = nil) -> ChunkObservation {
        ChunkObservation(errno: errno, pmdMappedBefore: before, pmdMapped: pmdMapped)
    }

    private func differences(_ decision: Decision, _ seen: ChunkObservation) -> [String]? {
        if case .disagreed(let differences) = Agreement(decision, seen) { differences } else { nil }
    }

    @Test("allowed: the call succeeds and a PMD maps it")
    func allowed() {
        #expect(Agreement(decision(.allowed), seen(true)).isAgreed)
        #expect(differences(decision(.allowed), seen(false)) == ["no PMD maps it"])
        #expect(differences(decision(.allowed), seen(true, errno: "EINVAL")) == ["the call failed with EINVAL"])
        #expect(Agreement(decision(.allowed), seen(nil)).isAgreed)
    }

    @Test("denied: the errno is the one named, and nothing becomes mapped that was not")
    func denied() {
        let denied = decision(.denied, errno: "EINVAL")
        #expect(Agreement(denied, seen(false, errno: "EINVAL")).isAgreed)
        #expect(Agreement(denied, seen(true, before: true, errno: "EINVAL")).isAgreed)
        #expect(differences(denied, seen(true, errno: "EINVAL")) == ["a PMD maps it"])
        #expect(differences(denied, seen(false)) == ["the call succeeded, not EINVAL"])
        #expect(
            differences(denied, seen(false, errno: "EAGAIN")) == ["the call failed with EAGAIN, not EINVAL"])
        #expect(Agreement(decision(.denied), seen(false)).isAgreed)
        #expect(differences(decision(.denied), seen(true)) == ["a PMD maps it"])
    }

    @Test("a traced SCAN code is the one named, unless the step after it is untraced")
    func scanReasons() {
        var seen = seen(false, errno: "EINVAL")
        seen.traced = true
        seen.scanReason = "failed"
        #expect(Agreement(decision(.denied, errno: "EINVAL", scan: "failed"), seen).isAgreed)
        #expect(
            differences(decision(.denied, errno: "EINVAL", scan: "truncated"), seen)
                == ["the trace says failed, not truncated"])
        #expect(
            differences(decision(.denied, errno: "EINVAL"), seen)
                == ["the trace says failed, where no scan was to run"])
        seen.scanReason = "pte_mapped_hugepage"
        #expect(Agreement(decision(.denied, errno: "EINVAL", scan: "pmd_null"), seen).isAgreed)
        seen.scanReason = nil
        #expect(Agreement(decision(.denied, errno: "EINVAL", scan: "failed"), seen).isAgreed)
    }

    @Test("folios move where a copy was planned, and only there")
    func movement() {
        var seen = seen(true)
        seen.moved = false
        #expect(Agreement(decision(.allowed, action: .inPlace), seen).isAgreed)
        #expect(
            differences(decision(.allowed, action: .copy), seen) == ["it was to be copied, and stayed in its frames"])
        seen.moved = true
        #expect(Agreement(decision(.allowed, action: .copy), seen).isAgreed)
        #expect(
            differences(decision(.allowed, action: .alreadyMapped), seen)
                == ["it was to stay in its frames, and was copied"])
    }

    @Test("bytes that changed are a disagreement whatever else is right", arguments: [Verdict.allowed, .denied])
    func content(verdict: Verdict) {
        var seen = seen(verdict == .allowed)
        seen.contentIntact = false
        #expect(differences(decision(verdict), seen) == ["the content changed"])
    }

    @Test("an unknown is no prediction")
    func unknown() {
        #expect(
            Agreement(decision(.unknown, missing: ["file.dirty"]), seen(true))
                == .noPrediction(missing: ["file.dirty"]))
    }
}
