import Testing

@testable import FolioPolicy

@Suite("The route of a file")
struct RouteTests {
    private func query(
        _ routes: [Route]?, holdsPMD: Bool? = true, passthrough: Bool = true,
        version: KernelVersion = KernelVersion(6, 18),
        readOnlyOption: Bool? = false, promote: PromotionTime = .open, promotion: Promotion? = nil, size: Int = 8 << 20
    ) -> RouteQuery {
        var choice = RuleChoice()
        choice.routes = routes
        choice.rule = RouteRule.Label(name: "test", place: "here")
        choice.promote = promote
        choice.promotion = promotion
        let orders: OrderCapability =
            switch holdsPMD {
            case true?: .range(minimum: .zero, maximum: FolioOrder(rawValue: 9))
            case false?: .none
            case nil: .unknown
            }
        let kernel = KernelFacts(
            version: version, config: readOnlyOption.map { ["READ_ONLY_THP_FOR_FS": $0] } ?? [:])
        return RouteQuery(
            kernel: kernel, system: SystemFacts(enabled: .madvise, shmemEnabled: .never),
            capability: FilesystemCapability(filesystem: "testfs", orders: orders, source: "test"),
            file: FileFacts(size: size, openForWrite: false, executable: true), passthroughGranted: passthrough,
            choice: choice)
    }

    @Test("is the first of those named that brings huge pages, and why others were passed over is told")
    func order() {
        let all: [Route] = [.native, .staged, .fallback, .plain]
        #expect(route(query(all)).route == .native)
        #expect(route(query(all)).tried == [RouteAttempt(.native, obstacle: nil)])
        let staged = route(query(all, holdsPMD: false))
        #expect(staged.route == .staged)
        #expect(staged.tried.map(\.route) == [.native, .staged])
        #expect(staged.tried.first?.obstacle == "testfs holds no PMD folio here")
        #expect(route(query([.staged, .native])).route == .staged)
        let plain = route(query(all, passthrough: false))
        #expect(plain.route == .plain)
        #expect(plain.tried.map(\.route) == all)
        #expect(plain.tried.dropLast().allSatisfy { $0.obstacle != nil })
        #expect(
            route(query(all, passthrough: false, version: KernelVersion(6, 12), readOnlyOption: true)).route
                == .fallback)
    }

    @Test("is plain where none of those named can be taken, and where no rule names one")
    func none() {
        let decision = route(query([.native], holdsPMD: false))
        #expect(decision.route == .plain)
        #expect(decision.reason == "native: testfs holds no PMD folio here")
        #expect(route(query(nil)).rule == "route.plain")
        #expect(route(query(nil, size: 4096)).rule == "route.small")
    }

    @Test("that may help is taken only where no certain one is named")
    func unknown() {
        #expect(route(query([.native, .plain], holdsPMD: nil)).route == .plain)
        #expect(route(query([.native], holdsPMD: nil)).route == .native)
        #expect(route(query([.native], holdsPMD: nil)).promotion == .none)
        let old = KernelVersion(6, 12)
        #expect(route(query([.fallback], version: old, readOnlyOption: nil)).route == .fallback)
        #expect(route(query([.fallback, .staged], version: old, readOnlyOption: nil)).route == .staged)
        // The source's page cache, by the read-only rule.
        let native = route(query([.native], holdsPMD: false, version: old, readOnlyOption: true))
        #expect(native.route == .native && native.promotion == .collapse)
    }

    @Test("promotes as the rule says, and never where it says never")
    func promotion() {
        #expect(route(query([.native])).promotion == .refault)
        #expect(route(query([.native], promotion: Promotion.none)).promotion == .none)
        #expect(route(query([.native], promotion: .collapse)).promotion == .none)
        #expect(route(query([.native], promote: .never)).promotion == .none)
        #expect(route(query([.native], promote: .asked)).promote == .asked)
    }
}
