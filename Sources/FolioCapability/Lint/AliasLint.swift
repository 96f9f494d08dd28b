/// A type is named once.
enum AliasLint: ManifestLint {
    static let id = "alias"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        var seen = [review.manifest.filesystem]
        return review.manifest.aliases.enumerated().compactMap { index, alias in
            guard seen.contains(alias) else {
                seen.append(alias)
                return nil
            }
            let place = review.node(.key("aliases"), .index(index))?.position ?? .start
            return review.problem(self, "\"\(alias)\" is named twice", "take it out", at: place)
        }
    }
}
