import FolioPolicy
import Testing

@Suite("What holds on every kernel")
struct InvariantTests {
    static let capabilities: [OrderCapability] = [
        .none, .range(minimum: .zero, maximum: FolioOrder(9)), .range(minimum: .zero, maximum: FolioOrder(6)), .shmem,
        .unknown,
    ]
    static let cached: [FolioOrderSet?] = [
        nil, [], [.zero], [FolioOrder(9)], [.zero, FolioOrder(9)], [FolioOrder(4)],
    ]

    /// Every combination of what the page cache can hold and holds, of advice, of the fallback and of huge=, for a mapping
    /// that nothing else stands in the way of.
    static func everyQuery(
        _ version: KernelVersion, _ operation: Operation, _ change: (inout PolicyQuery) -> Void
    ) -> [PolicyQuery] {
        var queries: [PolicyQuery] = []
        for orders in capabilities {
            for cached in cached {
                for advice in MappingAdvice.allCases {
                    for (fallback, huge) in [(true, "always"), (false, "never")] {
                        var query = open(version, operation)
                        query.capability.orders = orders
                        query.file.cachedOrders = cached
                        query.mapping.advice = advice
                        query.kernel.config["READ_ONLY_THP_FOR_FS"] = fallback
                        query.filesystem.mountOptions = ["huge": huge]
                        change(&query)
                        queries.append(query)
                    }
                }
            }
        }
        return queries
    }

    static func open(_ version: KernelVersion?, _ operation: Operation) -> PolicyQuery {
        PolicyQuery(
            kernel: KernelFacts(version: version, config: ["READ_ONLY_THP_FOR_FS": true]),
            system: SystemFacts(enabled: .always, shmemEnabled: .advise),
            filesystem: FilesystemFacts(type: "some", mountOptions: [:]),
            capability: FilesystemCapability(
                filesystem: "some", orders: .range(minimum: .zero, maximum: FolioOrder(9)), largeFolioWrites: true,
                writes: .back, source: "a test"),
            file: FileFacts(size: 4 << 20, openForWrite: false, dirty: false, inodeFlags: [], cachedOrders: [.zero]),
            mapping: MappingFacts(
                address: 0x7f00_0000_0000, offset: 0, length: 4 << 20, exec: true, touched: true, programImage: true,
                advice: .hugePage),
            operation: operation)
    }

    @Test("an incongruent mapping can never be PMD-mapped", arguments: QueryGenerator.versions, Operation.allCases)
    func incongruent(version: KernelVersion, operation: Operation) {
        for address: UInt64 in [0x7f00_0000_1000, 0x7f00_0010_0000, 0x7f00_001f_f000] {
            for query in Self.everyQuery(version, operation, { $0.mapping.address = address }) {
                let decision = decide(query)
                #expect(decision.verdict == .denied)
                #expect(decision.chunks.allSatisfy { $0.action == .refused })
            }
        }
    }

    @Test("a chunk past the end of a file is not taken", arguments: QueryGenerator.versions, Operation.allCases)
    func pastTheEnd(version: KernelVersion, operation: Operation) {
        for query in Self.everyQuery(version, operation, { $0.file.size = 3 << 20 })
        where query.capability.orders != .shmem {
            let decision = decide(query)
            #expect(decision.verdict == .denied)
            if let last = decision.chunks.last { #expect(last.action == .refused && last.bytesCopied == 0) }
        }
    }

    @Test("a mapping without a whole chunk is not PMD-mapped", arguments: QueryGenerator.versions, Operation.allCases)
    func noChunk(version: KernelVersion, operation: Operation) {
        for query in Self.everyQuery(version, operation, { $0.mapping.length = 1 << 20 }) {
            #expect(decide(query).verdict == .denied)
        }
    }

    @Test(
        "where the page cache holds no PMD folio nothing is PMD-mapped", arguments: QueryGenerator.versions,
        Operation.allCases)
    func geometry(version: KernelVersion, operation: Operation) throws {
        let geometry = try #require(PageGeometry.of(architecture: "aarch64", pageSize: 65536))
        for query in Self.everyQuery(version, operation, { $0.kernel.geometry = geometry }) {
            #expect(decide(query).verdict == .denied)
        }
    }

    @Test("a mapping that is not in the way is taken", arguments: QueryGenerator.versions)
    func taken(version: KernelVersion) {
        let decision = decide(Self.open(version, .collapse))
        #expect(decision.verdict == (version < KernelVersion(6, 1) ? .denied : .allowed))
    }

    @Test("errno is returned by a denied MADV_COLLAPSE alone", arguments: QueryGenerator.versions, Operation.allCases)
    func errno(version: KernelVersion, operation: Operation) {
        for query in Self.everyQuery(version, operation, { _ in }) {
            let decision = decide(query)
            let returns = operation == .collapse || operation == .processCollapse
            if decision.verdict != .denied || !(returns || operation == .populate) { #expect(decision.errno == nil) }
            if decision.verdict == .denied && returns { #expect(decision.errno != nil) }
        }
    }

    @Test("a plan copies what it says, chunk by chunk", arguments: QueryGenerator.versions, Operation.allCases)
    func plan(version: KernelVersion, operation: Operation) {
        for query in Self.everyQuery(version, operation, { _ in }) {
            let decision = decide(query)
            #expect(decision.chunks.map(\.bytesCopied).reduce(0, +) == decision.chunks.bytesCopied)
            #expect(decision.chunks.allSatisfy { $0.offset % (2 << 20) == 0 })
            if decision.verdict == .allowed { #expect(decision.chunks.allSatisfy { $0.action != .refused }) }
            if decision.verdict == .unknown { #expect(decision.chunks.isEmpty) }
        }
    }

    @Test("no number is too large or too small", arguments: Operation.allCases)
    func extremes(operation: Operation) {
        let numbers = [Int.min, -4096, -1, 0, 1, 4095, 4096, 1 << 21, 1 << 46, Int.max - 4095, Int.max]
        for offset in numbers {
            for length in numbers {
                for address: UInt64? in [nil, 0, 1, 1 << 21, UInt64.max, UInt64.max - 4095] {
                    for size in [nil, 0, 1, 1 << 46, Int.max] {
                        var query = Self.open(KernelVersion(6, 12), operation)
                        query.mapping.offset = offset
                        query.mapping.length = length
                        query.mapping.address = address
                        query.file.size = size
                        let decision = decide(query)
                        #expect(decision.chunks.bytesCopied >= 0)
                    }
                }
            }
        }
    }

    @Test(
        "rule names are given once a decision, and each has a source", arguments: QueryGenerator.versions,
        Operation.allCases)
    func rules(version: KernelVersion, operation: Operation) {
        let rules = decide(Self.open(version, operation)).rules
        #expect(Set(rules.map(\.id)).count == rules.count)
        #expect(rules.allSatisfy { !$0.source.description.isEmpty && $0.id.description.contains(".") })
    }

    @Test(
        "MADV_NOHUGEPAGE and PR_SET_THP_DISABLE are stronger than shmem_enabled=force",
        arguments: QueryGenerator.versions)
    func force(version: KernelVersion) {
        var query = Self.open(version, .fault)
        query.capability.orders = .shmem
        query.system.shmemEnabled = .force
        query.file.cachedOrders = []
        query.mapping.advice = MappingAdvice.none
        #expect(decide(query).verdict == .allowed)
        query.system.processDisabled = true
        #expect(decide(query).verdict == .denied)
        query.system.processDisabled = false
        query.mapping.advice = .noHugePage
        #expect(decide(query).verdict == .denied)
    }
}
