/// Every example leads to what it expects.
enum ExampleLint: ManifestLint {
    static let id = "example"

    static func problems(_ review: ManifestReview) -> [ManifestError] {
        review.registry.failures(of: review.manifest).map { failure in
            ManifestError(
                file: failure.file, line: failure.line, column: failure.column, message: failure.message,
                suggestion: failure.suggestion, rule: id)
        }
    }
}
