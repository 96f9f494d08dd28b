import Testing

@testable import FolioPolicy

@Suite("What promotes a file where it lies")
struct PromotionChoiceTests {
    private static let pmd = FolioOrder(9)

    private func choice(
        _ version: KernelVersion, fallback: Bool, orders: OrderCapability, size: Int = 64 << 20,
        asked: Promotion? = nil
    ) -> PromotionChoice {
        var choice = RuleChoice()
        choice.promotion = asked
        return promotion(
            RouteQuery(
                kernel: KernelFacts(
                    version: version, config: ["READ_ONLY_THP_FOR_FS": fallback], geometry: .x86_64),
                system: SystemFacts(enabled: .madvise, shmemEnabled: .never),
                capability: FilesystemCapability(filesystem: "testfs", orders: orders, source: "a test"),
                file: FileFacts(size: size, regular: true), passthroughGranted: false, choice: choice))
    }

    @Test("large folios: a refault before 7.2, a collapse from then on")
    func large() {
        let large = OrderCapability.range(minimum: .zero, maximum: Self.pmd)
        #expect(choice(KernelVersion(6, 18), fallback: false, orders: large).promotion == .refault)
        #expect(choice(KernelVersion(7, 3), fallback: false, orders: large).promotion == .collapse)
    }

    @Test("small folios: a collapse where the kernel has READ_ONLY_THP_FOR_FS, else nothing")
    func small() {
        let small = OrderCapability.range(minimum: .zero, maximum: .zero)
        #expect(choice(KernelVersion(6, 12), fallback: true, orders: small).promotion == .collapse)
        #expect(choice(KernelVersion(6, 1), fallback: true, orders: small).promotion == .collapse)
        let none = choice(KernelVersion(6, 18), fallback: false, orders: small)
        #expect(none.promotion == .none)
        #expect(none.reason.contains("testfs holds no PMD folio"))
        #expect(choice(KernelVersion(7, 3), fallback: false, orders: small).promotion == .none)
    }

    @Test("what is asked for is done where it can be, and no file of less than a chunk is touched")
    func asked() {
        let large = OrderCapability.range(minimum: .zero, maximum: Self.pmd)
        let refused = choice(KernelVersion(6, 18), fallback: false, orders: large, asked: .collapse)
        #expect(refused.promotion == .none && refused.reason.contains("collapse is not possible"))
        #expect(choice(KernelVersion(6, 18), fallback: false, orders: large, size: 4096).promotion == .none)
    }
}
