import FolioPolicy

/// The rows of one manifest held against the facts.
struct RowSelection {
    let manifest: Manifest
    let facts: CapabilityFacts

    /// The rows that may give a value, and what would tell them apart.
    struct Candidates<Value: Hashable> {
        /// The values, each with the place in the manifest of the row that states it.
        var values: [(value: Value, row: Int)] = []
        /// Whether it may be that no row speaks.
        var mayBeSilent = false
        /// The facts that are missing.
        var missing: [String] = []

        /// The value whichever of the rows it is; nil: they differ, or none speaks.
        var unanimous: Value? {
            guard let first = values.first, !mayBeSilent else { return nil }
            return values.allSatisfy { $0.value == first.value } ? first.value : nil
        }
    }

    /// The capability.
    ///
    /// - Parameter layerCapability: the answer of the registry for another filesystem.
    func capability(_ layerCapability: (FilesystemFacts) -> FilesystemCapability) -> FilesystemCapability {
        let orders = candidates { $0.orders }
        if orders.values.contains(where: { $0.value == .layer }) {
            return layered(orders, layerCapability)
        }
        return own(orders)
    }

    private func own(_ orders: Candidates<OrderClaim>) -> FilesystemCapability {
        let type = facts.filesystem.type ?? manifest.filesystem
        guard let place = orders.values.last?.row else {
            return .unknown(of: type, missing: "filesystem.capability", "no row of \(manifest.file) applies")
        }
        let (resolved, missing) = resolve(orders)
        let writes = candidates { $0.largeFolioWrites }
        var answer = FilesystemCapability(
            filesystem: type, orders: resolved, largeFolioWrites: writes.unanimous,
            passthroughBacking: candidates { $0.passthroughBacking }.unanimous,
            alignsMappings: candidates { $0.alignsMappings }.unanimous, writes: candidates { $0.writes }.unanimous,
            intermediateOrders: candidates { $0.intermediateOrders }.unanimous,
            source: manifest.rows[place].source)
        if resolved != .unknown { answer.confidence = orders.values.map { manifest.rows[$0.row].confidence }.min() }
        if resolved == .unknown {
            answer.missing = missing.isEmpty ? ["filesystem.capability"] : missing
        } else if answer.largeFolioWrites == nil {
            answer.missing = writes.missing
        }
        return answer
    }

    /// A filesystem whose pages are another's: what it states itself stands, the rest is the layer's.
    private func layered(
        _ orders: Candidates<OrderClaim>, _ layerCapability: (FilesystemFacts) -> FilesystemCapability
    ) -> FilesystemCapability {
        let type = facts.filesystem.type ?? manifest.filesystem
        let row = orders.values.first { $0.value == .layer }.map { manifest.rows[$0.row] }
        let source = row?.source ?? manifest.file
        let passthrough = candidates { $0.passthroughBacking }.unanimous
        let aligns = candidates { $0.alignsMappings }.unanimous
        guard orders.unanimous == .layer, let layer = facts.filesystem.layers.first else {
            var answer = FilesystemCapability.unknown(of: type, missing: "filesystem.layers", source)
            if facts.filesystem.layers.first != nil { answer.missing = orders.missing }
            answer.passthroughBacking = passthrough
            answer.alignsMappings = aligns
            return answer
        }
        var answer = layerCapability(layer)
        answer.missing = answer.missing.map { $0.replacingPrefix("filesystem.", by: "filesystem.layers[0].") }
        answer.passthroughBacking = passthrough ?? answer.passthroughBacking
        answer.alignsMappings = aligns ?? answer.alignsMappings
        answer.largeFolioWrites = candidates { $0.largeFolioWrites }.unanimous ?? answer.largeFolioWrites
        answer.writes = candidates { $0.writes }.unanimous ?? answer.writes
        answer.source = "\(source); \(answer.source)"
        if let own = row?.confidence { answer.confidence = answer.confidence.map { min($0, own) } }
        return answer
    }

    /// The rows that state a value and apply, or may apply, up to the first that certainly does.
    private func candidates<Value>(_ value: (CapabilityRow) -> Value?) -> Candidates<Value> {
        var found = Candidates<Value>(mayBeSilent: true)
        for place in manifest.rows.indices {
            guard let stated = value(manifest.rows[place]) else { continue }
            let (applies, missing) = manifest.rows[place].applies(facts)
            guard applies != false else { continue }
            found.values.append((stated, place))
            for fact in missing where !found.missing.contains(fact) { found.missing.append(fact) }
            if applies == true {
                found.mayBeSilent = false
                break
            }
        }
        return found
    }

    /// The block sizes that are possible as far as a row looks at them; nil in it: not known at all.
    private func blockSizes(_ claim: OrderClaim) -> [Int?] {
        guard claim.needsBlockSize, facts.filesystem.blockSize == nil, !manifest.blockSizes.isEmpty else {
            return [facts.filesystem.blockSize]
        }
        return manifest.blockSizes
    }

    /// The orders that hold in every case that is left, with what is missing where they do not agree.
    ///
    /// Ranges that agree about the PMD order are joined to the range that has them all: which it is does not matter to
    /// any question about PMD mappings.
    private func resolve(_ candidates: Candidates<OrderClaim>) -> (orders: OrderCapability, missing: [String]) {
        guard !candidates.mayBeSilent else { return (.unknown, candidates.missing) }
        let geometry = facts.kernel.geometry
        var cases: [OrderCapability] = []
        var missing = candidates.missing
        for (claim, _) in candidates.values {
            let possible = blockSizes(claim).map { claim.resolve(geometry: geometry, blockSize: $0) ?? .unknown }
            let differ = Set(possible.map { $0.reaches(geometry.pmdOrder) }).count > 1 || possible.contains(.unknown)
            if differ && claim.needsBlockSize && !missing.contains("filesystem.blockSize") {
                missing.append("filesystem.blockSize")
            }
            cases += possible
        }
        // Without CONFIG_TRANSPARENT_HUGEPAGE the calls that let a mapping have large folios do nothing.
        if facts.kernel.config["TRANSPARENT_HUGEPAGE"] == false { cases = [OrderCapability.none] }
        guard let first = cases.first else { return (.unknown, missing) }
        if cases.allSatisfy({ $0 == first }) { return (first, first == .unknown ? missing : []) }
        let ranges = cases.compactMap(\.bounds)
        let agree = Set(cases.map { $0.reaches(geometry.pmdOrder) }).count == 1
        guard ranges.count == cases.count, agree, let low = ranges.map(\.lowerBound).min(),
            let high = ranges.map(\.upperBound).max()
        else { return (.unknown, missing) }
        return (.range(minimum: low, maximum: high), [])
    }
}

extension OrderCapability {
    /// The smallest and the largest order; nil: shmem's, or not known.
    fileprivate var bounds: ClosedRange<FolioOrder>? {
        switch self {
        case .none: .zero ... .zero
        case .range(let minimum, let maximum): minimum <= maximum ? minimum...maximum : nil
        case .shmem, .unknown: nil
        }
    }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String, by other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
