/// What is not known, or only concluded, says in a note what it is about.
enum NoteLint: ManifestLint {
    static let id = "note"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        review.manifest.rows.enumerated().compactMap { index, row in
            guard row.orders == .unknown, row.note == nil else { return nil }
            return review.problem(
                self, "orders = \"unknown\" without a note", "add note = \"…\" that says what is not known",
                at: review.row(index, "orders"))
        }
    }
}
