import FolioPolicy
import Foundation
import Testing

@testable import FolioCapability

@Suite("A decision document")
struct DecisionDocumentTests {
    private func object(_ text: String) throws -> [String: Any] {
        let query = try QueryDocument.parse(text).query(registry: CapabilityRegistry())
        let document = DecisionDocument(query: query, decision: decide(query))
        let data = Data(document.json.utf8)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("has every key, null where there is nothing to say")
    func keys() throws {
        let object = try object(QueryDocumentTests.example)
        let keys = [
            "path", "filesystem", "kernel", "operation", "verdict", "orders", "errno", "scanReason", "missing", "route",
            "rules", "chunks", "decidedBy", "possible",
        ]
        #expect(Set(object.keys) == Set(keys))
        for key in ["path", "errno", "scanReason", "route"] { #expect(object[key] is NSNull) }
        #expect(object["verdict"] as? String == "allowed")
        #expect(object["orders"] as? [String: Int] == ["minimum": 9, "maximum": 9])
    }

    @Test("of a mapping without end lists no more chunks than its limit")
    func bounded() throws {
        let text = QueryDocumentTests.example
            .replacingOccurrences(of: "4194304", with: String(1 << 46))
            .replacingOccurrences(of: "0x7f0000000000", with: "0x200000")
        let object = try object(text)
        #expect((object["chunks"] as? [Any])?.count == DecisionDocument.chunkLimit)
        #expect(object["chunksLeftOut"] as? Int == 1 << 25 - DecisionDocument.chunkLimit)
    }
}
