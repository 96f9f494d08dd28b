import Testing

@testable import FolioPolicy

@Suite("The model of a page cache")
struct PageCacheModelTests {
    /// A small machine: a PMD maps 16 pages, so that layouts are many and files are short.
    static let geometry = PageGeometry(
        pageSize: 4096, pmdOrder: FolioOrder(4), maximumPageCacheOrder: FolioOrder(4))
    static let versions = [KernelVersion(6, 1), KernelVersion(6, 12), KernelVersion(7, 3)]
    static let kinds: [OrderCapability] = [
        .none, .shmem, .range(minimum: .zero, maximum: FolioOrder(4)), .range(minimum: .zero, maximum: FolioOrder(2)),
    ]

    /// A file of 3 and a half chunks, part of it stored, on which whatever comes has been done.
    static func model(
        _ random: inout SeededGenerator, version: KernelVersion, orders: OrderCapability, changes: Int
    ) -> (model: PageCacheModel, contents: [UInt64]) {
        let pages = 56
        var stored: [Int: UInt64] = [:]
        for page in 0..<pages where random.pick([true, true, false]) { stored[page] = UInt64(page) + 1000 }
        var model = PageCacheModel(
            geometry: geometry, orders: orders, version: version, pageCount: pages, stored: stored)
        var contents = (0..<pages).map { stored[$0] ?? 0 }
        for _ in 0..<changes { change(&model, &contents, &random) }
        return (model, contents)
    }

    /// One thing that a kernel may do, and what it makes of the contents.
    static func change(_ model: inout PageCacheModel, _ contents: inout [UInt64], _ random: inout SeededGenerator) {
        let count = contents.count
        let page = count == 0 ? 0 : Int.random(in: 0..<count, using: &random)
        let order = FolioOrder(UInt8.random(in: 0...4, using: &random))
        let end = min(count, page + Int.random(in: 1...20, using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: model.readahead(page, order: order)
        case 2, 3: model.fault(page, advised: random.pick([true, false]), congruent: random.pick([true, true, false]))
        case 4, 5:
            let value = UInt64.random(in: 1...1 << 40, using: &random)
            model.write(page..<max(end, page + 1), value: value, order: order)
            while contents.count < max(end, page + 1) { contents.append(0) }
            for written in page..<max(end, page + 1) { contents[written] = value }
        case 6, 7: model.writeback()
        case 8: model.drop(page..<max(end, page))
        case 9: model.swapOut(page..<max(end, page))
        case 10 where random.pick([true, false, false, false]):
            let left = Int.random(in: count / 2...count, using: &random)
            model.truncate(to: left)
            contents.removeLast(count - left)
        case 11:
            if let chunk = random.pickAny(model.wholeChunks) { _ = model.collapse(chunk) }
        default: model.map(page)
        }
    }

    private static func bytes(_ model: PageCacheModel) -> [UInt64] { (0..<model.pageCount).map(model.read) }

    @Test("whatever is done, folios are aligned and no byte is lost", arguments: versions, kinds)
    func anything(version: KernelVersion, orders: OrderCapability) {
        var random = SeededGenerator(seed: UInt64(version.minor) &* 31)
        for _ in 0..<30 {
            var (model, contents) = Self.model(&random, version: version, orders: orders, changes: 0)
            for _ in 0..<40 {
                Self.change(&model, &contents, &random)
                #expect(model.violations.isEmpty, "\(model.violations)")
                #expect(Self.bytes(model) == contents)
            }
        }
    }

    @Test(
        "a collapse that fails, at whatever step, leaves the old folios; one that does not, a PMD folio with the same bytes",
        arguments: versions, kinds)
    func failures(version: KernelVersion, orders: OrderCapability) {
        var random = SeededGenerator(seed: UInt64(version.major) &* 1009)
        var failed: Set<ModelCollapse.Step> = []
        var copied = 0
        for _ in 0..<20 {
            let (model, contents) = Self.model(&random, version: version, orders: orders, changes: 12)
            for chunk in model.wholeChunks {
                var step = 0
                while true {
                    var after = model
                    let outcome = after.collapse(chunk, interruptedAt: step)
                    Self.check(model, after, chunk, outcome, contents)
                    if let step = outcome.failed { failed.insert(step) }
                    if case .copied = outcome.result { copied += 1 }
                    guard outcome.failed != nil else { break }
                    step += 1
                }
            }
        }
        // Where what is read in is large, and large folios are refused, no chunk with something missing comes through.
        let refusesLarge = version < KernelVersion(6, 12) && orders != .shmem && orders != OrderCapability.none
        guard !refusesLarge else { return }
        #expect(copied > 0)
        let shmemAlone: Set<ModelCollapse.Step> = [.chargeGaps, .fillGap, .askMonitors]
        let fileAlone: Set<ModelCollapse.Step> = [.releasePrivateData]
        #expect(failed == Set(ModelCollapse.Step.allCases).subtracting(orders == .shmem ? fileAlone : shmemAlone))
    }

    private static func check(
        _ before: PageCacheModel, _ after: PageCacheModel, _ chunk: Int, _ outcome: ModelCollapse, _ contents: [UInt64]
    ) {
        let pages = chunk..<chunk + before.chunkPages
        #expect(after.violations.isEmpty, "\(after.violations)")
        #expect(Self.bytes(after) == contents)
        let old = before.folios.filter { pages.contains($0.index) }
        let new = after.folios.filter { pages.contains($0.index) }
        #expect(before.folios.filter { !pages.contains($0.index) } == after.folios.filter { !pages.contains($0.index) })
        switch outcome.result {
        case .copied:
            #expect(new.count == 1 && new.first?.order == geometry.pmdOrder)
            #expect(!old.contains { $0.identity == new.first?.identity })
            #expect(after.state(of: chunk).pmdMapped)
        case .mappedInPlace, .alreadyMapped:
            #expect(old == new)
            #expect(after.state(of: chunk).pmdMapped)
        case .refused:
            // What was brought in meanwhile stays; what was there is there, folio for folio.
            #expect(old.allSatisfy { new.contains($0) })
            #expect(after.pmdMapped == before.pmdMapped)
        }
    }

    @Test("what a collapse does to a clean chunk is what the plan says", arguments: versions, kinds)
    func plan(version: KernelVersion, orders: OrderCapability) {
        var random = SeededGenerator(seed: UInt64(version.minor) &* 65_537 &+ 5)
        var seen: Set<ChunkPlan.Action> = []
        for _ in 0..<100 {
            var (model, _) = Self.model(&random, version: version, orders: orders, changes: 10)
            if orders != .shmem { model.writeback() }
            for chunk in model.wholeChunks {
                var after = model
                let state = model.state(of: chunk)
                if orders == .shmem && state.orders.isEmpty { continue }
                let plan = ChunkPlan(
                    of: state, on: version, geometry: Self.geometry, readsInLarge: orders.reaches(FolioOrder(1)) == true
                )
                let result = after.collapse(chunk).result
                seen.insert(plan.action)
                switch plan.action {
                case .copy:
                    // Beside single pages that are cached, what is missing may be read in with large folios.
                    let mayMeetLarge =
                        version < KernelVersion(6, 12) && orders.reaches(FolioOrder(1)) == true && orders != .shmem
                    #expect(result == .copied || mayMeetLarge && result == .refused(.pageCompound))
                case .inPlace: #expect(result == .mappedInPlace && plan.bytesCopied == 0)
                case .alreadyMapped: #expect(result == .alreadyMapped && plan.bytesCopied == 0)
                case .refused: #expect(result == .refused(.pageCompound) && plan.bytesCopied == 0)
                }
            }
        }
        #expect(seen.contains(.copy))
        if orders.reaches(Self.geometry.pmdOrder) == true { #expect(seen.contains(.inPlace)) }
    }

    @Test("the cheapest chunks come first")
    func cheapest() {
        let actions: [ChunkPlan.Action] = [.copy, .alreadyMapped, .inPlace, .refused, .copy, .inPlace]
        let plans = actions.enumerated().map {
            ChunkPlan(offset: $0.offset << 21, action: $0.element, bytesCopied: $0.element == .copy ? 2 << 20 : 0)
        }
        #expect(plans.cheapestFirst.map(\.offset) == [2 << 21, 5 << 21, 0, 4 << 21])
        // What has to be read comes last, what is cached in part before it.
        let missing = [2 << 20, 4096, 0, 2 << 20, 0, 8192]
        let read = missing.enumerated().map {
            ChunkPlan(offset: $0.offset, action: .copy, bytesCopied: 2 << 20, bytesMissing: $0.element)
        }
        #expect(read.cheapestFirst.map(\.offset) == [2, 4, 1, 5, 0, 3])
    }

    @Test("a folio that is not aligned cannot be made")
    func unaligned() {
        for order in 1...4 {
            let pages = [UInt64](repeating: 0, count: 1 << order)
            let aligned = ModelFolio(
                identity: 0, index: 1 << order, order: FolioOrder(UInt8(order)), pages: pages, dirty: false)
            #expect(aligned != nil)
            for index in [1, (1 << order) + 1, (3 << order) - 1, -(1 << order)] {
                let folio = ModelFolio(
                    identity: 0, index: index, order: FolioOrder(UInt8(order)), pages: pages, dirty: false)
                #expect(folio == nil)
            }
            let short = ModelFolio(
                identity: 0, index: 0, order: FolioOrder(UInt8(order)), pages: Array(pages.dropLast()), dirty: false)
            #expect(short == nil)
        }
    }

    @Test("a fault under MADV_HUGEPAGE on a range of which nothing is cached maps a PMD folio; small folios stay")
    func faults() {
        var model = PageCacheModel(
            geometry: Self.geometry, orders: .range(minimum: .zero, maximum: FolioOrder(4)),
            version: KernelVersion(6, 18), pageCount: 64)
        model.fault(20, advised: true)
        #expect(model.state(of: 16) == ChunkState(offset: 16 * 4096, orders: [FolioOrder(4)], pmdMapped: true))
        model.fault(3, advised: false)
        model.fault(4, advised: true)
        #expect(!model.state(of: 0).pmdMapped && !model.state(of: 0).orders.contains(FolioOrder(4)))
        model.fault(33, advised: true, congruent: false)
        #expect(model.state(of: 32) == ChunkState(offset: 32 * 4096, orders: [FolioOrder(4)], pmdMapped: false))
    }
}

extension SeededGenerator {
    /// One of the elements; nil: there is none.
    mutating func pickAny<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : pick(elements)
    }
}
