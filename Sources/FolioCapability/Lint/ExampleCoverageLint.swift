import FolioPolicy

/// Every row is tried by an example: one to which the row surely applies.
enum ExampleCoverageLint: ManifestLint {
    static let id = "example-coverage"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        let manifest = review.manifest
        return manifest.rows.indices.compactMap { index in
            let row = manifest.rows[index]
            guard !manifest.examples.contains(where: { row.applies($0.given).applies == true }) else { return nil }
            let kernel = row.kernels.lower.map { KernelRangeText.text($0) } ?? row.kernels.upper.map(before) ?? "6.18"
            return review.problem(
                self, "no example is about this row",
                "add an [[example]] with given = { kernel = \"\(kernel)\", … } that meets its conditions",
                at: review.row(index))
        }
    }

    private static func before(_ version: KernelVersion) -> String {
        version.minor > 0 ? "\(version.major).\(version.minor - 1)" : "\(version.major - 1).0"
    }
}
