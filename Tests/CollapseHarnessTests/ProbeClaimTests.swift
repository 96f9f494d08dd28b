import FolioPolicy
import Testing

@testable import CollapseHarness

@Suite("A claim held against what was measured")
struct ProbeClaimTests {
    private static func seen(
        _ orders: [UInt8], by way: ProbeWay = .advisedFault, dirty: Bool = false
    ) -> ProbeObservation {
        ProbeObservation(
            way: way, orders: FolioOrderSet(orders.map { FolioOrder($0) }), pmdMapped: true, errno: nil, dirty: dirty,
            decision: nil)
    }

    private static func agreed(
        _ key: String, _ capability: FilesystemCapability, _ seen: [ProbeObservation], aligned: Bool? = nil,
        passthrough: Bool? = nil, collapseNeedsCapability: Bool = false
    ) -> Bool? {
        ProbeClaim.all(
            capability, seen, geometry: .x86_64, aligned: aligned, passthrough: passthrough,
            collapseNeedsCapability: collapseNeedsCapability
        ).first { $0.key == key }?.agreed
    }

    private static func orders(_ orders: OrderCapability) -> FilesystemCapability {
        FilesystemCapability(filesystem: "a", orders: orders, source: "s")
    }

    private static let range = OrderCapability.range(minimum: .zero, maximum: FolioOrder(9))

    @Test("of orders: all that were found are claimed, and more than the smallest was found where more is claimed")
    func orders() {
        #expect(Self.agreed("orders", Self.orders(.none), [Self.seen([0])]) == true)
        #expect(Self.agreed("orders", Self.orders(.none), [Self.seen([0, 2])]) == false)
        #expect(Self.agreed("orders", Self.orders(Self.range), [Self.seen([0, 9])]) == true)
        #expect(Self.agreed("orders", Self.orders(Self.range), [Self.seen([0])]) == false)
        #expect(
            Self.agreed(
                "orders", Self.orders(.range(minimum: FolioOrder(2), maximum: FolioOrder(9))), [Self.seen([0, 9])])
                == false)
        #expect(Self.agreed("orders", Self.orders(.unknown), [Self.seen([0])]) == nil)
    }

    @Test("of shmem's orders: the PMD's and 0, and those between only where they are claimed")
    func shmem() {
        var capability = Self.orders(.shmem)
        capability.intermediateOrders = false
        #expect(Self.agreed("orders", capability, [Self.seen([0, 9])]) == true)
        #expect(Self.agreed("orders", capability, [Self.seen([4])]) == false)
        capability.intermediateOrders = true
        #expect(Self.agreed("orders", capability, [Self.seen([4])]) == true)
    }

    @Test("before 7.2 a collapse makes PMD folios that the mapping does not hold by itself, and is not counted")
    func collapse() {
        let seen = [Self.seen([0]), Self.seen([9], by: .collapse)]
        #expect(Self.agreed("orders", Self.orders(.none), seen) == true)
        #expect(Self.agreed("orders", Self.orders(.none), seen, collapseNeedsCapability: true) == false)
    }

    @Test("of writes and alignment: as measured, and nothing where nothing is claimed")
    func flags() {
        var capability = Self.orders(Self.range)
        #expect(Self.agreed("aligns_mappings", capability, [], aligned: true) == nil)
        capability.alignsMappings = true
        #expect(Self.agreed("passthrough_backing", capability, [], passthrough: false) == nil)
        capability.passthroughBacking = true
        #expect(Self.agreed("passthrough_backing", capability, []) == nil)
        #expect(Self.agreed("passthrough_backing", capability, [], passthrough: true) == true)
        #expect(Self.agreed("passthrough_backing", capability, [], passthrough: false) == false)
        capability.largeFolioWrites = true
        capability.writes = .back
        #expect(Self.agreed("aligns_mappings", capability, [], aligned: false) == false)
        let write = Self.seen([9], by: .write, dirty: true)
        #expect(Self.agreed("large_folio_writes", capability, [write]) == true)
        #expect(Self.agreed("large_folio_writes", capability, [Self.seen([0], by: .write, dirty: true)]) == false)
        #expect(Self.agreed("writes", capability, [write]) == true)
        #expect(Self.agreed("writes", capability, [Self.seen([9], by: .write)]) == false)
        // Where nothing can be written, nothing but that is seen.
        #expect(Self.agreed("writes", capability, []) == nil)
        capability.writes = WriteBehaviour.none
        #expect(Self.agreed("writes", capability, []) == true)
        #expect(Self.agreed("writes", capability, [write]) == false)
    }

    @Test("that was predicted otherwise is a difference")
    func predictions() {
        func observation(_ verdict: Verdict, mapped: Bool?) -> ProbeObservation {
            ProbeObservation(
                way: .fault, orders: FolioOrderSet(), pmdMapped: mapped, errno: nil, dirty: false,
                decision: Decision(
                    verdict: verdict, orders: nil, errno: nil, scanReason: nil, missing: [], rules: [], chunks: .empty))
        }
        #expect(observation(.allowed, mapped: true).differences == [])
        #expect(observation(.allowed, mapped: false).differences == ["predicted PMD mappings, found none"])
        #expect(observation(.denied, mapped: true).differences == ["predicted no PMD mapping, found one"])
        #expect(observation(.unknown, mapped: true).differences == [])
        #expect(observation(.denied, mapped: nil).differences == [])
    }
}
