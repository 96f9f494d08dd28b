import FolioPolicy
import Foundation
import Testing

@testable import FolioCapability

@Suite("Documents come back from their own text")
struct DocumentRoundTripTests {
    /// The same numbers for the same seed.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }

        mutating func maybe<Value>(_ values: [Value]) -> Value? {
            Int.random(in: 0..<4, using: &self) == 0 ? nil : values.randomElement(using: &self)
        }

        mutating func flag() -> Bool? { maybe([true, false]) }
    }

    private static func filesystem(_ random: inout Seeded, depth: Int) -> FilesystemFacts {
        let texts = ["ext4", "", "a \"b\"\\", "\u{1F4A9}é\n\t\u{1}", "huge=always"]
        var facts = FilesystemFacts(
            type: random.maybe(texts),
            mountOptions: random.maybe([[:], ["rw": "", "huge": "always"], ["é": "\u{7f}"]]),
            superblockFeatures: random.maybe([[], ["verity", "encrypt"], Set(texts)]),
            blockSize: random.maybe([1, 512, 4096, 1 << 30]), readOnly: random.flag())
        if depth < 3, random.flag() == true { facts.layers = [filesystem(&random, depth: depth + 1)] }
        return facts
    }

    private static func document(_ random: inout Seeded) -> QueryDocument {
        var document = QueryDocument(
            path: random.maybe(["/a", "", "/srv/a \"quoted\" name\nwith a line", "\u{1F600}"]),
            kernel: KernelFacts(
                version: random.maybe([KernelVersion(5, 4), KernelVersion(6, 18, 44), KernelVersion(65535, 0, 1)]),
                config: random.maybe([[:], ["SHMEM": true, "READ_ONLY_THP_FOR_FS": false]]) ?? [:]),
            system: SystemFacts(
                enabled: random.maybe(HugePageMode.allCases), shmemEnabled: random.maybe(ShmemHugeMode.allCases),
                processDisabled: random.maybe([true]) ?? false),
            filesystem: filesystem(&random, depth: 0),
            file: FileFacts(
                size: random.maybe([0, 1, 1 << 40, Int.max]), regular: random.flag(), openForWrite: random.flag(),
                dirty: random.flag(), inodeFlags: random.maybe([[], ["immutable"]]), compressed: random.flag(),
                dax: random.flag(), executable: random.flag(),
                cachedOrders: random.maybe([[], [.zero], [.zero, FolioOrder(9)], [FolioOrder(30)]])),
            mapping: MappingFacts(
                address: random.maybe([0, 0x7f00_0000_0000, UInt64.max]),
                offset: random.maybe([0, -4096, Int.max]) ?? 4096, length: random.maybe([0, 1, 4 << 20]) ?? 2,
                read: random.flag(), write: random.flag(), exec: random.flag(), shared: random.flag(),
                touched: random.flag(), pageTableNearby: random.flag(), pmdMapped: random.flag(),
                programImage: random.flag(), advice: random.maybe(MappingAdvice.allCases)),
            operation: FolioPolicy.Operation.allCases.randomElement(using: &random) ?? .fault)
        document.kernel.geometry =
            random.maybe([.x86_64, PageGeometry.of(architecture: "aarch64", pageSize: 65536) ?? .x86_64]) ?? .x86_64
        document.system.processDisabledExceptAdvised = random.flag()
        document.system.shmemPMDControl = random.maybe(ShmemOrderControl.allCases)
        document.system.hugeFolioAvailable = random.flag()
        document.system.memoryCgroupHasRoom = random.flag()
        document.file.writeback = random.flag()
        document.file.privateData = random.flag()
        document.file.extraReferences = random.flag()
        document.file.holes = random.flag()
        document.file.alignedExtents = random.flag()
        document.mapping.access = random.maybe(MappingAccess.allCases)
        document.mapping.special = random.flag()
        document.mapping.userfaultfd = random.maybe([[], [.missing, .minor], .writeProtect])
        document.mapping.copied = random.flag()
        document.mapping.anonymous = random.flag()
        if random.flag() == true { (document.mapping.offsetIsKnown, document.mapping.offset) = (false, 0) }
        if random.flag() == true { (document.mapping.lengthIsKnown, document.mapping.length) = (false, 0) }
        return document
    }

    @Test("a question", arguments: 0..<8)
    func question(seed: UInt64) throws {
        var random = Seeded(state: seed)
        for _ in 0..<100 {
            let document = Self.document(&random)
            let data = try JSONEncoder().encode(document)
            #expect(try QueryDocument.parse(bytes: data) == document)
        }
    }

    @Test("an answer says what the decision says", arguments: 0..<8)
    func answer(seed: UInt64) throws {
        var random = Seeded(state: seed &+ 100)
        let registry = try CapabilityRegistry()
        for _ in 0..<30 {
            let document = Self.document(&random)
            let query = document.query(registry: registry)
            let decision = decide(query)
            let text = DecisionDocument(path: document.path, query: query, decision: decision).json
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(object["path"] as? String == document.path)
            #expect(object["filesystem"] as? String == document.filesystem.type)
            #expect(object["kernel"] as? String == document.kernel.version?.description)
            #expect(object["verdict"] as? String == decision.verdict.rawValue)
            #expect(object["errno"] as? String == decision.errno)
            #expect(object["scanReason"] as? String == decision.scanReason)
            #expect(object["missing"] as? [String] == decision.missing)
            let rules = try #require(object["rules"] as? [[String: String]])
            #expect(rules.map { $0["id"] } == decision.rules.map(\.id.description))
            #expect(rules.map { $0["outcome"] } == decision.rules.map(\.outcome.rawValue))
            #expect(rules.map { $0["evidence"] } == decision.rules.map(\.evidence))
            #expect(rules.map { $0["source"] } == decision.rules.map(\.source.description))
            let chunks = try #require(object["chunks"] as? [[String: Any]])
            #expect(chunks.map { $0["offset"] as? Int } == decision.chunks.prefix(65536).map(\.offset))
        }
    }
}
