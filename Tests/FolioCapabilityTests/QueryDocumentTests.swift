import FolioPolicy
import Foundation
import Testing

@testable import FolioCapability

@Suite("A query document")
struct QueryDocumentTests {
    /// One of every key.
    static let example = """
        {"kernel":"6.12","config":{"READ_ONLY_THP_FOR_FS":true},
        "filesystem":{"type":"ext4","mountOptions":{"data":"ordered"},"superblockFeatures":[],"blockSize":4096},
        "operation":"collapse",
        "file":{"size":4194304,"regular":true,"openForWrite":false,"dirty":false,"inodeFlags":[],"compressed":false,
        "cachedOrders":[0]},
        "mapping":{"address":"0x7f0000000000","offset":0,"length":4194304,"read":true,"write":false,"exec":true,
        "shared":false,"touched":true,"advice":"none"},"system":{"enabled":"madvise","shmemEnabled":"never"}}
        """

    @Test("is answered")
    func answered() throws {
        let query = try QueryDocument.parse(Self.example).query(registry: CapabilityRegistry())
        let decision = decide(query)
        #expect(decision.verdict == .allowed)
        #expect(decision.missing == [])
        #expect(decision.chunks.map(\.action) == [.copy, .copy])
    }

    @Test("comes back the same from its own text")
    func roundTrip() throws {
        var document = try QueryDocument.parse(Self.example)
        document.path = "/srv/a \"quoted\" name\nwith a line"
        document.filesystem.layers = [
            FilesystemFacts(
                type: "overlay", readOnly: true, layers: [FilesystemFacts(type: "tmpfs", mountOptions: ["ro": ""])])
        ]
        document.kernel.geometry = PageGeometry(
            pageSize: 16384, pmdOrder: FolioOrder(11), maximumPageCacheOrder: FolioOrder(11))
        document.mapping.pmdMapped = false
        document.mapping.pageTableNearby = true
        document.mapping.programImage = false
        document.file.executable = true
        let text = String(decoding: try JSONEncoder().encode(document), as: UTF8.self)
        #expect(try QueryDocument.parse(text) == document)
        document.mapping.offsetIsKnown = false
        document.mapping.offset = 0
        let other = String(decoding: try JSONEncoder().encode(document), as: UTF8.self)
        #expect(try QueryDocument.parse(other) == document)
    }

    @Test(
        "that is wrong says where, in one line",
        arguments: [
            ("", "line 1: the document ends where a value is expected"),
            ("[]", "line 1: is a list, and must be an object"),
            ("{}", "line 1: operation: is missing"),
            ("{\"operation\":\"colapse\"}", "line 1: operation: is \"colapse\", and must be one of \"fault\""),
            ("{\"operation\":\"fault\",\n\"kernle\":\"6.1\"}", "line 2: kernle: is not a key here; there are path"),
            ("{\"operation\":\"fault\",\"kernel\":6.1}", "line 1: kernel: is a number that is not whole"),
            ("{\"operation\":\"fault\",\"kernel\":\"six\"}", "line 1: kernel: is \"six\", and must be a version"),
            ("{\"operation\":\"fault\",\n\n\"file\":{\"size\":\"4\"}}", "line 3: file.size: is a string, and must be"),
            ("{\"operation\":\"fault\",\"file\":{\"size\":-1}}", "line 1: file.size: is -1, and must not be below 0"),
            ("{\"operation\":\"fault\",\"file\":{\"size\":1e99}}", "line 1: file.size: is a number that is not whole"),
            ("{\"operation\":\"fault\",\"file\":{\"cachedOrders\":[0,99]}}", "line 1: file.cachedOrders: is a list of"),
            ("{\"operation\":\"fault\",\"file\":{\"inodeFlags\":[1]}}", "line 1: file.inodeFlags: is a number"),
            ("{\"operation\":\"fault\",\"mapping\":{\"address\":\"7f\"}}", "line 1: mapping.address: is \"7f\""),
            ("{\"operation\":\"fault\",\"mapping\":{\"touched\":1}}", "line 1: mapping.touched: is a number"),
            ("{\"operation\":\"fault\",\"system\":{\"enabled\":\"yes\"}}", "line 1: system.enabled: is \"yes\""),
            ("{\"operation\":\"fault\",\"config\":{\"A\":\"y\"}}", "line 1: config.A: is a string, and must be true"),
            (
                "{\"operation\":\"fault\",\"filesystem\":{\"layers\":[{\"typ\":1}]}}",
                "line 1: filesystem.layers[0].typ: is not a key here"
            ),
            ("{\"operation\":\"fault\",\"operation\":\"fault\"}", "line 1: operation: given twice"),
            ("{\"operation\":\"fault\"} x", "line 1: something follows the end of the document"),
            ("{\"operation\":\"fault\"", "line 1: the document ends where \",\" or \"}\" is expected"),
            ("{\"operation\":\"\\ud800\"}", "line 1: half of a pair"),
            (
                "{\"geometry\":{\"pageSize\":5000},\"operation\":\"fault\"}",
                "line 1: geometry.pageSize: must be a power"
            ),
        ])
    func errors(text: String, sentence: String) throws {
        let error = try #require(throws: QueryError.self) { try QueryDocument.parse(text) }
        #expect(error.description.hasPrefix(sentence), "\(error.description)")
        #expect(!error.description.contains("\n"))
    }

    @Test("nested without end is an error, not a crash")
    func deep() {
        #expect(throws: QueryError.self) { try QueryDocument.parse(String(repeating: "[", count: 100_000)) }
    }

    @Test("with nothing but an operation is answered with what is missing", arguments: FolioPolicy.Operation.allCases)
    func empty(operation: FolioPolicy.Operation) throws {
        let text = "{\"operation\":\"\(operation.rawValue)\"}"
        let decision = decide(try QueryDocument.parse(text).query(registry: CapabilityRegistry()))
        #expect(decision.verdict == .unknown || !decision.missing.isEmpty || decision.verdict == .denied)
        if decision.verdict == .unknown { #expect(decision.missing.contains("mapping.offset")) }
    }
}
