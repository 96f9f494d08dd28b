import FolioPolicy

/// Queries in which everything is known and nothing contradicts, and the same with facts taken away.
struct QueryGenerator {
    var random: SeededGenerator

    static let versions: [KernelVersion] = [
        KernelVersion(5, 3), KernelVersion(5, 4, 291), KernelVersion(5, 10), KernelVersion(5, 14), KernelVersion(5, 15),
        KernelVersion(5, 18), KernelVersion(6, 0), KernelVersion(6, 1, 192), KernelVersion(6, 2), KernelVersion(6, 6),
        KernelVersion(6, 8), KernelVersion(6, 9), KernelVersion(6, 11), KernelVersion(6, 12, 117), KernelVersion(6, 17),
        KernelVersion(6, 18, 44), KernelVersion(6, 19), KernelVersion(7, 0), KernelVersion(7, 1), KernelVersion(7, 2),
        KernelVersion(7, 3, 4),
    ]

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A query in which every fact is known.
    mutating func complete() -> PolicyQuery {
        let pmd = FolioOrder(9)
        let kernel = KernelFacts(
            version: random.pick(Self.versions), config: ["READ_ONLY_THP_FOR_FS": random.pick([true, true, false])])
        let orders: OrderCapability = random.pick([
            .none, .shmem, .range(minimum: .zero, maximum: pmd), .range(minimum: .zero, maximum: FolioOrder(6)),
        ])
        var capability = FilesystemCapability(
            filesystem: "some", orders: orders, largeFolioWrites: random.pick([true, false]),
            writes: random.pick([.back, .back, .through, WriteBehaviour.none]), source: "a test")
        if orders == .shmem { capability.writes = .back }
        let filesystem = FilesystemFacts(
            type: "some",
            mountOptions: random.pick([[:], ["huge": "always"], ["huge": "advise"], ["huge": "within_size"]]))
        let mapping = mapping()
        let hasFallback = kernel.version.map { $0 >= KernelVersion(5, 4) && $0 < KernelVersion(7, 2) } ?? false
        let canCollapse = hasFallback && kernel.config["READ_ONLY_THP_FOR_FS"] == true
        let holdsPMD = orders.reaches(pmd) == true || canCollapse
        var held: [FolioOrderSet] = [
            [.zero], [.zero], holdsPMD ? [pmd] : [.zero], holdsPMD ? [.zero, pmd] : [.zero],
        ]
        if case .range = orders { held.append([.zero, FolioOrder(4)]) }
        let cached =
            mapping.pmdMapped == true && holdsPMD ? [pmd] : random.pick(mapping.touched == true ? held : held + [[]])
        var file = FileFacts(
            size: random.pick([4 << 20, 4 << 20, 3 << 20, 4096, 0]), regular: random.pick([true, true, true, false]),
            openForWrite: random.pick([true, false]), dirty: random.pick([true, false]), inodeFlags: [], dax: false,
            cachedOrders: cached)
        if mapping.shared == true && mapping.write == true { file.openForWrite = true }
        // A folio that a collapse made does not outlive an open for writing.
        if cached.contains(pmd) && orders.reaches(pmd) == false { file.dirty = false }
        if cached.isEmpty || capability.writes != .back { file.dirty = false }
        if capability.writes == WriteBehaviour.none { file.openForWrite = false }
        var query = PolicyQuery(
            kernel: kernel,
            system: SystemFacts(
                enabled: random.pick(HugePageMode.allCases), shmemEnabled: random.pick(ShmemHugeMode.allCases),
                processDisabled: random.pick([true, false, false])),
            filesystem: filesystem, capability: capability, file: file, mapping: mapping,
            operation: random.pick(Operation.allCases))
        if cached != [pmd] { query.mapping.pmdMapped = false }
        if capability.writes == WriteBehaviour.none && query.mapping.shared == true { query.mapping.write = false }
        return query
    }

    private mutating func mapping() -> MappingFacts {
        let pmdMapped = random.pick([true, false, false])
        let touched = pmdMapped || random.pick([true, false])
        return MappingFacts(
            address: random.pick([0x7f00_0000_0000, 0x7f00_0000_0000, 0x7f00_0000_1000, 0x7f00_0010_0000]),
            offset: random.pick([0, 0, 1 << 20]), length: random.pick([4 << 20, 4 << 20, 2 << 20, 1 << 20]),
            write: random.pick([true, false]), exec: random.pick([true, false]), shared: random.pick([true, false]),
            touched: touched, pageTableNearby: touched || random.pick([true, false]), pmdMapped: pmdMapped,
            programImage: random.pick([true, false]), advice: random.pick(MappingAdvice.allCases))
    }

    /// A fact that can be taken away: its names in `missing`, and how.
    static let takers: [(names: [String], take: @Sendable (inout PolicyQuery) -> Void)] = [
        (["kernel.version"], { $0.kernel.version = nil }),
        (["config.READ_ONLY_THP_FOR_FS"], { $0.kernel.config["READ_ONLY_THP_FOR_FS"] = nil }),
        (["system.enabled"], { $0.system.enabled = nil }),
        (["system.shmemEnabled"], { $0.system.shmemEnabled = nil }),
        (["system.processDisabled"], { $0.system.processDisabled = nil }),
        (["filesystem.mountOptions"], { $0.filesystem.mountOptions = nil }),
        (["file.size"], { $0.file.size = nil }),
        (["file.regular"], { $0.file.regular = nil }),
        (["file.openForWrite"], { $0.file.openForWrite = nil }),
        (["file.dirty"], { $0.file.dirty = nil }),
        (["file.cachedOrders"], { $0.file.cachedOrders = nil }),
        (["mapping.address"], { $0.mapping.address = nil }),
        (["mapping.offset"], { $0.mapping.offsetIsKnown = false }),
        (["mapping.length"], { $0.mapping.lengthIsKnown = false }),
        (["mapping.exec"], { $0.mapping.exec = nil }),
        (["mapping.write", "file.openForWrite"], { $0.mapping.write = nil }),
        (["mapping.shared", "file.openForWrite"], { $0.mapping.shared = nil }),
        (["mapping.touched"], { $0.mapping.touched = nil }),
        (["mapping.pageTableNearby"], { $0.mapping.pageTableNearby = nil }),
        (["mapping.pmdMapped"], { $0.mapping.pmdMapped = nil }),
        (["mapping.programImage"], { $0.mapping.programImage = nil }),
        (["mapping.advice"], { $0.mapping.advice = nil }),
        (
            ["filesystem.blockSize"],
            { query in
                guard query.capability.orders != .shmem else { return }
                query.capability.orders = .unknown
                query.capability.missing = ["filesystem.blockSize"]
            }
        ),
        (
            ["filesystem.type"],
            { query in
                query.filesystem.type = nil
                query.capability = FilesystemCapability(
                    filesystem: "unknown", orders: .unknown, source: "a test", missing: ["filesystem.type"])
            }
        ),
    ]

    /// The query with each fact taken away by a chance of one in `oneIn`, and the names of those taken.
    mutating func poorer(_ query: PolicyQuery, oneIn: Int) -> (query: PolicyQuery, taken: Set<String>) {
        var query = query
        var taken: Set<String> = []
        for taker in Self.takers where Int.random(in: 0..<oneIn, using: &random) == 0 {
            taker.take(&query)
            taken.formUnion(taker.names)
        }
        return (query, taken)
    }
}
