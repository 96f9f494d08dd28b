/// A fact of a query that may be unknown, and the values that tell every case of it apart.
///
/// The facts that stand for something else where they are nil (`mapping.special`, `file.privateData`, …) are not among
/// them: nil there is an answer.
struct OpenFact: Sendable {
    /// Its name in a query document.
    let name: String
    /// Whether it is unknown.
    let isOpen: @Sendable (PolicyQuery) -> Bool
    /// The query with each value that it can have, the one that most likely lets the operation pass first.
    let fill: @Sendable (PolicyQuery) -> [PolicyQuery]

    private init(
        _ name: String, isOpen: @escaping @Sendable (PolicyQuery) -> Bool,
        fill: @escaping @Sendable (PolicyQuery) -> [PolicyQuery]
    ) {
        self.name = name
        self.isOpen = isOpen
        self.fill = fill
    }

    /// A fact that is nil where it is unknown, with the values it can have.
    private init<Value: Equatable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<PolicyQuery, Value?> & Sendable, _ values: [Value]
    ) {
        self.init(
            name, isOpen: { $0[keyPath: path] == nil },
            fill: { query in
                values.map { value in
                    var filled = query
                    filled[keyPath: path] = value
                    return filled
                }
            })
    }

    /// Every fact, those first on which the most depends.
    static let all: [OpenFact] = [
        OpenFact("kernel.version", \.kernel.version, KernelEra.representatives.reversed()),
        orders, largeFolioWrites, writes, fallback,
        OpenFact("file.regular", \.file.regular, [true, false]),
        offset, length, address, size, cachedOrders,
        OpenFact("mapping.pmdMapped", \.mapping.pmdMapped, [true, false]),
        OpenFact("mapping.touched", \.mapping.touched, [true, false]),
        OpenFact("mapping.pageTableNearby", \.mapping.pageTableNearby, [true, false]),
        OpenFact("mapping.advice", \.mapping.advice, [.hugePage, .none, .noHugePage]),
        OpenFact("mapping.exec", \.mapping.exec, [true, false]),
        OpenFact("mapping.programImage", \.mapping.programImage, [true, false]),
        OpenFact("mapping.write", \.mapping.write, [false, true]),
        OpenFact("mapping.shared", \.mapping.shared, [true, false]),
        OpenFact("file.openForWrite", \.file.openForWrite, [false, true]),
        OpenFact("file.dirty", \.file.dirty, [false, true]),
        OpenFact("file.holes", \.file.holes, [false, true]),
        alignedExtents,
        OpenFact("system.enabled", \.system.enabled, [.always, .madvise, .never]),
        OpenFact("system.shmemEnabled", \.system.shmemEnabled, [.force, .always, .withinSize, .advise, .never, .deny]),
        OpenFact("system.processDisabled", \.system.processDisabled, [false, true]),
        OpenFact(
            "system.shmemPMDControl", \.system.shmemPMDControl, [.inherit, .always, .withinSize, .advise, .never]),
        mountOptions,
    ]

    private static let fallback = OpenFact(
        "config." + EligibilityRules.option, isOpen: { $0.kernel.config[EligibilityRules.option] == nil },
        fill: { query in
            [true, false].map { built in
                var filled = query
                filled.kernel.config[EligibilityRules.option] = built
                return filled
            }
        })

    /// What the page cache holds; where the filesystem or the layer is not known, also whose it is.
    private static let orders = OpenFact(
        "capability.orders", isOpen: { $0.capability.orders == .unknown },
        fill: { query in
            let geometry = query.kernel.geometry
            let top = min(geometry.pmdOrder, geometry.maximumPageCacheOrder)
            var cases: [OrderCapability] = [.range(minimum: .zero, maximum: top)]
            if top > FolioOrder(1) {
                cases.append(.range(minimum: .zero, maximum: FolioOrder(top.rawValue - 1)))
            }
            cases.append(OrderCapability.none)
            if Inquiry(query, version: KernelVersion(6, 0)).pageCache == .unknown { cases.append(.shmem) }
            return cases.map { orders in
                var filled = query
                filled.capability.orders = orders
                return filled
            }
        })

    private static let largeFolioWrites = OpenFact(
        "capability.largeFolioWrites", \.capability.largeFolioWrites, [true, false])

    private static let writes = OpenFact(
        "capability.writes", \.capability.writes, [.through, .back, WriteBehaviour.none])

    private static let alignedExtents = OpenFact("file.alignedExtents", \.file.alignedExtents, [true, false])

    private static let offset = OpenFact(
        "mapping.offset", isOpen: { !$0.mapping.offsetIsKnown },
        fill: { query in
            let geometry = query.kernel.geometry
            // What the address is congruent with, and what it is not.
            let congruent = query.mapping.address.map { Int($0 & UInt64(geometry.pmdSize - 1)) } ?? 0
            let other = (congruent + geometry.pageSize) & (geometry.pmdSize - 1)
            return [congruent, other].map { offset in
                var filled = query
                filled.mapping.offset = offset & ~(geometry.pageSize - 1)
                filled.mapping.offsetIsKnown = true
                return filled
            }
        })

    private static let length = OpenFact(
        "mapping.length", isOpen: { !$0.mapping.lengthIsKnown },
        fill: { query in
            let geometry = query.kernel.geometry
            // One whole chunk, and none: more chunks let no more pass.
            let toChunk = -query.mapping.offset & (geometry.pmdSize - 1)
            return [toChunk + geometry.pmdSize, geometry.pageSize].map { length in
                var filled = query
                filled.mapping.length = length
                filled.mapping.lengthIsKnown = true
                return filled
            }
        })

    private static let address = OpenFact(
        "mapping.address", isOpen: { $0.mapping.address == nil && $0.mapping.offsetIsKnown },
        fill: { query in
            let geometry = query.kernel.geometry
            let congruent = UInt64(1) << 46 + UInt64(query.mapping.offset & (geometry.pmdSize - 1))
            return [congruent, congruent + UInt64(geometry.pageSize)].map { address in
                var filled = query
                filled.mapping.address = address
                return filled
            }
        })

    /// Sizes at and around the ends of the chunks of the mapping.
    private static let size = OpenFact(
        "file.size", isOpen: { $0.file.size == nil && $0.mapping.offsetIsKnown && $0.mapping.lengthIsKnown },
        fill: { query in
            let geometry = query.kernel.geometry
            var sizes = [Int.max, 0]
            if let span = ChunkSpan(query.mapping, geometry: geometry), span.count > 0 {
                let last = span.first + (span.count - 1) * span.size
                sizes += [last + geometry.pageSize, last + 2 * geometry.pageSize, last + span.size - geometry.pageSize]
                sizes += [last, span.first + geometry.pageSize, span.first + 2 * geometry.pageSize]
            }
            return sizes.map { size in
                var filled = query
                filled.file.size = size
                return filled
            }
        })

    private static let cachedOrders = OpenFact(
        "file.cachedOrders", isOpen: { $0.file.cachedOrders == nil },
        fill: { query in
            let pmd = query.kernel.geometry.pmdOrder
            let between = FolioOrder(pmd.rawValue / 2)
            let cases: [FolioOrderSet] = [[pmd], [], [.zero], [between], [.zero, pmd], [between, pmd]]
            return cases.map { orders in
                var filled = query
                filled.file.cachedOrders = orders
                return filled
            }
        })

    private static let mountOptions = OpenFact(
        "filesystem.mountOptions", isOpen: { $0.filesystem.pageCacheOwner.mountOptions == nil },
        fill: { query in
            let cases: [[String: String]] = [
                ["huge": "always", "pagesize": "\(query.kernel.geometry.pmdSize)"], ["huge": "within_size"],
                ["huge": "advise"], ["huge": "never", "pagesize": "\(query.kernel.geometry.pageSize)"],
            ]
            return cases.map { options in
                var filled = query
                filled.filesystem.setOwnerOptions(options)
                return filled
            }
        })
}

extension FilesystemFacts {
    /// Sets the mount options of the filesystem that owns the pages.
    fileprivate mutating func setOwnerOptions(_ options: [String: String]) {
        if layers.isEmpty { mountOptions = options } else { layers[0].setOwnerOptions(options) }
    }
}
