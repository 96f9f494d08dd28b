import CollapseHarness
import FolioPolicy
import Foundation
import Testing

@Suite("reports as JSON")
struct ReportTests {
    private func json(_ value: some Encodable) throws -> [String: Any] {
        let data = try JSONEncoder().encode(value)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private let denied = Decision(
        verdict: .denied, orders: nil, errno: "EINVAL", scanReason: nil, missing: [],
        rules: [RuleOutcome(id: "fallback.config", outcome: .fail, evidence: "not built", source: "here")],
        chunks: .empty)

    @Test("collapse: the keys are there, null where there is nothing")
    func collapse() throws {
        let seen = ChunkObservation(errno: "EINVAL", pmdMappedBefore: false, pmdMapped: false)
        let report = CollapseReport(
            path: "/a", chunks: [.init(offset: 2 << 20, decision: denied, seen: seen)])
        let document = try json(report)
        #expect(document["path"] as? String == "/a")
        #expect(document["agreed"] as? Int == 1 && document["total"] as? Int == 1)
        let chunk = try #require((document["chunks"] as? [[String: Any]])?.first)
        #expect(chunk["offset"] as? Int == 2 << 20 && chunk["agreed"] as? Bool == true)
        let predicted = try #require(chunk["predicted"] as? [String: Any])
        #expect(predicted["verdict"] as? String == "denied" && predicted["errno"] as? String == "EINVAL")
        #expect(predicted["rule"] as? String == "fallback.config: not built")
        let observed = try #require(chunk["observed"] as? [String: Any])
        #expect(observed["errno"] as? String == "EINVAL" && observed["pmdMapped"] as? Bool == false)
        #expect(observed["moved"] is NSNull && observed["scanReason"] is NSNull)
        #expect(!report.disagrees)
    }

    @Test("collapse: a file without a whole chunk has none")
    func empty() throws {
        let document = try json(CollapseReport(path: "/a", chunks: []))
        #expect(document["total"] as? Int == 0 && (document["chunks"] as? [Any])?.isEmpty == true)
    }

    @Test("verify: the keys are there")
    func verify() throws {
        var report = VerifyReport(kernel: "6.18.44")
        report.cases = 2
        report.agreed = 1
        report.skipped = [.init(scenario: "f2fs/x", reason: "this kernel has no f2fs")]
        let document = try json(report)
        #expect(document["kernel"] as? String == "6.18.44")
        #expect(document["cases"] as? Int == 2 && document["agreed"] as? Int == 1)
        #expect((document["disagreements"] as? [Any])?.isEmpty == true)
        let skip = try #require((document["skipped"] as? [[String: Any]])?.first)
        #expect(skip["scenario"] as? String == "f2fs/x" && skip["reason"] as? String == "this kernel has no f2fs")
    }
}
