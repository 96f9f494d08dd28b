import FolioPolicy

/// One claim of a capability held against what was measured.
package struct ProbeClaim: Hashable, Sendable {
    /// The manifest's key.
    package let key: String
    /// What is claimed, as the manifest writes it.
    package let claimed: String
    /// What was measured; nil: this machine or this filesystem does not show it.
    package let measured: String?
    /// Whether both agree; nil: nothing is claimed or nothing was measured.
    package let agreed: Bool?

    /// The claims of a capability.
    ///
    /// - Parameters:
    ///   - aligned: whether every large mapping was placed at a PMD-aligned address; nil: not measured.
    ///   - passthrough: whether a mount of FolioFS had the file backed; nil: not measured.
    ///   - collapseNeedsCapability: whether MADV_COLLAPSE makes only what the mapping holds (7.2); before, the fallback
    ///     makes PMD folios anywhere.
    static func all(
        _ capability: FilesystemCapability, _ seen: [ProbeObservation], geometry: PageGeometry, aligned: Bool?,
        passthrough: Bool?, collapseNeedsCapability: Bool
    ) -> [ProbeClaim] {
        let ways = seen.filter { $0.way != .collapse || collapseNeedsCapability }
        let found = ways.reduce(into: FolioOrderSet()) { $0.formUnion($1.orders) }
        var claims = [orders(capability, found, geometry)]
        let write = seen.first { $0.way == .write }
        claims.append(
            flag(
                "large_folio_writes", capability.orders == .shmem ? nil : capability.largeFolioWrites,
                write.map { $0.orders.contains(geometry.pmdOrder) }))
        claims.append(flag("aligns_mappings", capability.alignsMappings, aligned))
        claims.append(writes(capability.writes, write))
        let small = seen.first { $0.way == .smallWrites }
        if capability.orders == .shmem {
            let between = small.map { $0.orders.contains { $0 > .zero && $0 < geometry.pmdOrder } }
            // That none was seen does not say that there can be none.
            let claim = flag("intermediate_orders", capability.intermediateOrders, between)
            let allows = capability.intermediateOrders == true && between == false
            claims.append(
                ProbeClaim(
                    key: claim.key, claimed: claim.claimed, measured: claim.measured,
                    agreed: allows ? nil : claim.agreed))
        }
        claims.append(flag("passthrough_backing", capability.passthroughBacking, passthrough))
        return claims
    }

    private static func orders(
        _ capability: FilesystemCapability, _ found: FolioOrderSet, _ geometry: PageGeometry
    ) -> ProbeClaim {
        let claimed = Fact.Value.capability(capability.orders).description
        let measured = found.isEmpty ? nil : Fact.Value.orders(found).description
        let largest = found.max() ?? .zero
        let agreed: Bool?
        switch capability.orders {
        case _ where found.isEmpty: agreed = nil
        case .unknown: agreed = nil
        case .none: agreed = found == [.zero]
        case .range(let minimum, let maximum):
            let inside = found.allSatisfy { minimum <= $0 && $0 <= maximum }
            // Something beyond the smallest must be seen where something is claimed.
            agreed = inside && (maximum == minimum || largest > minimum)
        case .shmem:
            let isBetween = found.contains { $0 > .zero && $0 < geometry.pmdOrder }
            agreed = largest <= geometry.pmdOrder && (capability.intermediateOrders != false || !isBetween)
        }
        return ProbeClaim(key: "orders", claimed: claimed, measured: measured, agreed: agreed)
    }

    /// Where nothing can be written now, all that could be seen is that nothing ever is.
    private static func writes(_ claimed: WriteBehaviour?, _ write: ProbeObservation?) -> ProbeClaim {
        let measured = write.map { $0.dirty ? "back" : "through" } ?? (claimed == WriteBehaviour.none ? "none" : nil)
        return ProbeClaim(
            key: "writes", claimed: claimed?.rawValue ?? "unknown", measured: measured,
            agreed: claimed.flatMap { claimed in measured.map { $0 == claimed.rawValue } })
    }

    private static func flag(_ key: String, _ claimed: Bool?, _ measured: Bool?) -> ProbeClaim {
        let agreed = claimed.flatMap { claimed in measured.map { $0 == claimed } }
        return ProbeClaim(key: key, claimed: word(claimed), measured: measured.map(word), agreed: agreed)
    }

    private static func word(_ flag: Bool?) -> String { flag.map { $0 ? "true" : "false" } ?? "unknown" }
}
