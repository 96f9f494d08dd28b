import FolioPolicy

/// A source can be looked up: it names a kernel version or a commit, and a file or a function where one was read.
enum SourceLint: ManifestLint {
    static let id = "source"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        review.manifest.rows.enumerated().compactMap { index, row in
            let words = row.source.split { $0 == " " || $0 == "," || $0 == ";" || $0 == ":" }
            let place = review.row(index, "source")
            let example = "write it like \"6.18 fs/examplefs/inode.c examplefs_iget()\", or name a commit"
            guard words.contains(where: { KernelRangeText.version($0) != nil || isCommit($0) }) else {
                return review.problem(self, "the source names no kernel version and no commit", example, at: place)
            }
            let isRead = words.contains { isCommit($0) || $0.contains("/") || $0.hasSuffix("()") }
            guard row.confidence != .read || isRead else {
                return review.problem(self, "the source names no file that was read", example, at: place)
            }
            return nil
        }
    }

    /// Twelve hexadecimal digits or more.
    private static func isCommit(_ word: Substring) -> Bool {
        let digits = word.filter { $0 != "(" && $0 != ")" }
        return digits.count >= 12 && digits.allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }
}
