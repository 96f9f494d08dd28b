import FolioPolicy

/// No row is wholly behind others: whatever it states, some kernel gets it.
enum ReachableRowLint: ManifestLint {
    static let id = "reachable"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        let rows = review.manifest.rows
        return rows.indices.compactMap { index in
            let row = rows[index]
            let covers = statedKeys(row).map { key in
                rows[..<index].first { before in
                    before.when.isEmpty && before.unless.isEmpty && statedKeys(before).contains(key)
                        && contains(before.kernels, row.kernels)
                }
            }
            guard !covers.isEmpty, !covers.contains(where: { $0 == nil }), let cover = covers.compactMap({ $0 }).first
            else { return nil }
            return review.problem(
                self, "the row never gives an answer: the one of line \(cover.line) does on all of its kernels",
                "put it above that one, or narrow that one's kernel", at: review.row(index))
        }
    }

    private static func statedKeys(_ row: CapabilityRow) -> [String] {
        var keys: [String] = []
        if row.orders != nil { keys.append("orders") }
        if row.largeFolioWrites != nil { keys.append("large_folio_writes") }
        if row.passthroughBacking != nil { keys.append("passthrough_backing") }
        if row.alignsMappings != nil { keys.append("aligns_mappings") }
        if row.writes != nil { keys.append("writes") }
        if row.intermediateOrders != nil { keys.append("intermediate_orders") }
        return keys
    }

    private static func contains(_ outer: KernelRange, _ inner: KernelRange) -> Bool {
        let below = outer.lower.map { low in inner.lower.map { low <= $0 } ?? false } ?? true
        let above = outer.upper.map { high in inner.upper.map { $0 <= high } ?? false } ?? true
        return below && above
    }
}
