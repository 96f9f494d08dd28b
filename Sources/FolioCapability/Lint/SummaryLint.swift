/// The summary is a sentence: it is what `plugin list` shows.
enum SummaryLint: ManifestLint {
    static let id = "summary"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        let place = review.node(.key("summary"))?.position
        guard let summary = review.manifest.summary, let place else {
            let first = review.node(.key("filesystem"))?.keyPosition ?? .start
            return [
                review.problem(
                    self, "there is no summary", "add summary = \"Large folios from 6.16.\" below filesystem", at: first
                )
            ]
        }
        guard !summary.hasSuffix(".") || summary.contains("\n") else { return [] }
        return [review.problem(self, "the summary is not one sentence", "end it with a full stop", at: place)]
    }
}
