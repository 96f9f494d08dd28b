import FolioPolicy
import Testing

@testable import FolioCapability

@Suite("What the kernels' source says is what the policy says")
struct DecisionTableTests {
    @Test("there are at least 400 decisions, each with a source")
    func size() {
        #expect(DecisionRow.all.count >= 400)
        #expect(DecisionRow.all.allSatisfy { !$0.source.isEmpty })
        for operation in FolioPolicy.Operation.allCases {
            #expect(DecisionRow.all.contains { $0.operation == operation })
        }
    }

    @Test("line by line")
    func table() throws {
        let registry = try CapabilityRegistry()
        for row in DecisionRow.all {
            let decision = decide(row.document.query(registry: registry))
            let trace = decision.rules.filter { $0.outcome == .fail || $0.outcome == .unknown }
                .map { "\($0.id): \($0.evidence)" }.joined(separator: "; ")
            let said = "\(row) (\(row.source)): \(decision.missing) \(trace)"
            switch row.expectation {
            case .mapped:
                #expect(decision.verdict == .allowed, "\(said)")
                #expect(decision.errno == nil, "\(said)")
            case .unknown: #expect(decision.verdict == .unknown, "\(said)")
            case .refused(let errno, let scan):
                #expect(decision.verdict == .denied, "\(said)")
                #expect(decision.errno == errno, "\(said)")
                if let scan { #expect(decision.scanReason == (scan.isEmpty ? nil : scan), "\(said)") }
            }
        }
    }
}
