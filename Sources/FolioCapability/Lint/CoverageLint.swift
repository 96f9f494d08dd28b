import FolioPolicy

/// Some row says of every kernel what the orders are, be it that they are not known.
enum CoverageLint: ManifestLint {
    static let id = "coverage"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        let rows = review.manifest.rows.filter { $0.orders != nil && $0.when.isEmpty && $0.unless.isEmpty }
        guard !review.manifest.rows.isEmpty else { return [] }
        let first = KernelVersion(0, 0)
        let ends = Set(
            review.manifest.rows.flatMap { [$0.kernels.lower, $0.kernels.upper].compactMap { $0 } } + [first]
        ).sorted()
        var gaps: [(from: KernelVersion, before: KernelVersion?)] = []
        for (index, start) in ends.enumerated() where !rows.contains(where: { $0.kernels.contains(start) }) {
            let end = index + 1 < ends.count ? ends[index + 1] : nil
            if gaps.last?.before == start { gaps[gaps.count - 1].before = end } else { gaps.append((start, end)) }
        }
        return gaps.map { gap in
            let range = [
                gap.from == first ? nil : ">=\(KernelRangeText.text(gap.from))",
                gap.before.map { "<\(KernelRangeText.text($0))" },
            ].compactMap { $0 }.joined(separator: " ")
            let kernels = range.isEmpty ? "any kernel" : "kernels \(range)"
            let key = range.isEmpty ? "" : "kernel = \"\(range)\", "
            return review.problem(
                self, "no row without conditions says what the orders are on \(kernels)",
                "add a row with \(key)orders = \"none\", or \"unknown\" with a note", at: review.row(0))
        }
    }
}
