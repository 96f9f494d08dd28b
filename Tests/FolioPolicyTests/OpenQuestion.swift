import FolioPolicy

/// A query with facts taken away, and every value that each of them may have had: the plain way to what is open.
struct OpenQuestion {
    /// A fact of a query: how it is taken away, and what it may be.
    struct Unknown: Sendable {
        let name: String
        let take: @Sendable (inout PolicyQuery) -> Void
        let values: [@Sendable (inout PolicyQuery) -> Void]
    }

    /// The query without the facts.
    private(set) var query: PolicyQuery
    /// The facts taken away.
    private(set) var unknowns: [Unknown] = []

    init(_ query: PolicyQuery) { self.query = query }

    /// Takes a fact away.
    mutating func take(_ unknown: Unknown) {
        unknown.take(&query)
        unknowns.append(unknown)
    }

    /// How many ways there are to fill in what is open.
    var ways: Int { unknowns.reduce(1) { $0 * $1.values.count } }

    /// The verdicts of all ways to fill it in that can be.
    var verdicts: Set<Verdict> {
        var verdicts: Set<Verdict> = []
        visit(query, unknowns[...], &verdicts)
        return verdicts
    }

    private func visit(_ query: PolicyQuery, _ rest: ArraySlice<Unknown>, _ verdicts: inout Set<Verdict>) {
        guard let first = rest.first else {
            if query.isPossible { verdicts.insert(decide(query).verdict) }
            return
        }
        for value in first.values {
            var filled = query
            value(&filled)
            visit(filled, rest.dropFirst(), &verdicts)
        }
    }

    private static func optional<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<PolicyQuery, Value?> & Sendable, _ values: [Value]
    ) -> Unknown {
        Unknown(
            name: name, take: { $0[keyPath: path] = nil },
            values: values.map { value in { $0[keyPath: path] = value } })
    }

    private static let flags = [true, false]
    private static let pmd = FolioOrder(9)
    private static let capabilities: [OrderCapability] = [
        .none, .range(minimum: .zero, maximum: pmd), .range(minimum: .zero, maximum: FolioOrder(6)),
        .range(minimum: FolioOrder(2), maximum: pmd),
    ]
    private static let behaviours: [WriteBehaviour] = [.back, .through, .none]

    /// What a filesystem of unknown type may be.
    private static let filesystems: [@Sendable (inout PolicyQuery) -> Void] = {
        var values: [@Sendable (inout PolicyQuery) -> Void] = []
        for orders in capabilities + [.shmem] {
            for behaviour in behaviours {
                for flag in flags {
                    values.append { query in
                        query.filesystem.type = "some"
                        query.capability.orders = orders
                        query.capability.writes = behaviour
                        query.capability.largeFolioWrites = flag
                    }
                }
            }
        }
        return values
    }()

    /// Every fact that can be taken away.
    static let all: [Unknown] = [
        optional("kernel.version", \.kernel.version, QueryGenerator.versions),
        Unknown(
            name: "config.READ_ONLY_THP_FOR_FS", take: { $0.kernel.config["READ_ONLY_THP_FOR_FS"] = nil },
            values: flags.map { flag in { $0.kernel.config["READ_ONLY_THP_FOR_FS"] = flag } }),
        optional("system.enabled", \.system.enabled, HugePageMode.allCases),
        optional("system.shmemEnabled", \.system.shmemEnabled, ShmemHugeMode.allCases),
        optional("system.processDisabled", \.system.processDisabled, flags),
        optional("system.shmemPMDControl", \.system.shmemPMDControl, ShmemOrderControl.allCases),
        optional(
            "filesystem.mountOptions", \.filesystem.mountOptions,
            [[:], ["huge": "always"], ["huge": "within_size"], ["huge": "advise"], ["huge": "never"]]),
        optional(
            "file.size", \.file.size,
            [
                0, 1, 4096, 8192, 1 << 20, 2 << 20, (2 << 20) + 1, (2 << 20) + 8192, 3 << 20, (4 << 20) - 4096, 4 << 20,
                5 << 20, 6 << 20, 64 << 20,
            ]),
        optional("file.regular", \.file.regular, flags),
        optional("file.openForWrite", \.file.openForWrite, flags),
        optional("file.dirty", \.file.dirty, flags),
        optional("file.holes", \.file.holes, flags),
        optional(
            "file.cachedOrders", \.file.cachedOrders,
            [
                [], [.zero], [pmd], [FolioOrder(4)], [.zero, pmd], [.zero, FolioOrder(4)], [FolioOrder(4), pmd],
                [.zero, FolioOrder(4), pmd], [FolioOrder(1)], [FolioOrder(8)],
            ]),
        optional(
            "mapping.address", \.mapping.address,
            [0x7f00_0000_0000, 0x7f00_0000_1000, 0x7f00_0010_0000, 0x7f00_0020_0000, 0x7f00_001f_f000]),
        Unknown(
            name: "mapping.offset", take: { $0.mapping.offsetIsKnown = false },
            values: [0, 4096, 1 << 20, (1 << 20) + 4096, 2 << 20].map { offset in
                {
                    $0.mapping.offset = offset
                    $0.mapping.offsetIsKnown = true
                }
            }),
        Unknown(
            name: "mapping.length", take: { $0.mapping.lengthIsKnown = false },
            values: [4096, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 8 << 20].map { length in
                {
                    $0.mapping.length = length
                    $0.mapping.lengthIsKnown = true
                }
            }),
        optional("mapping.exec", \.mapping.exec, flags),
        optional("mapping.write", \.mapping.write, flags),
        optional("mapping.shared", \.mapping.shared, flags),
        optional("mapping.touched", \.mapping.touched, flags),
        optional("mapping.pageTableNearby", \.mapping.pageTableNearby, flags),
        optional("mapping.pmdMapped", \.mapping.pmdMapped, flags),
        optional("mapping.programImage", \.mapping.programImage, flags),
        optional("mapping.advice", \.mapping.advice, MappingAdvice.allCases),
        optional("capability.largeFolioWrites", \.capability.largeFolioWrites, flags),
        optional("capability.writes", \.capability.writes, behaviours),
        Unknown(
            name: "filesystem.blockSize",
            take: { query in
                guard query.capability.orders != .shmem else { return }
                query.capability.orders = .unknown
                query.capability.missing = ["filesystem.blockSize"]
            },
            values: capabilities.map { orders in
                { query in if query.capability.orders == .unknown { query.capability.orders = orders } }
            }),
        Unknown(
            name: "filesystem.type",
            take: { query in
                query.filesystem.type = nil
                query.capability = FilesystemCapability(
                    filesystem: "unknown", orders: .unknown, source: "a test", missing: ["filesystem.type"])
            },
            values: filesystems),
    ]
}
