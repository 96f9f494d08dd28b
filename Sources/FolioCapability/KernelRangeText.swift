import FolioPolicy

/// A range of kernels as manifests write it: `>=6.16 <6.19`, `<5.17`, `>=7.2`.
enum KernelRangeText {
    static func parse(_ node: ManifestNode, _ section: ManifestSection) throws(ManifestError) -> KernelRange {
        let text = try section.string("kernel", node)
        var lower: KernelVersion?
        var upper: KernelVersion?
        for word in text.split(separator: " ") {
            switch (word.hasPrefix(">="), word.hasPrefix("<") && !word.hasPrefix("<=")) {
            case (true, _) where lower == nil: lower = version(word.dropFirst(2))
            case (_, true) where upper == nil: upper = version(word.dropFirst(1))
            default: throw bad(text, node, section)
            }
            if word.hasPrefix(">=") ? lower == nil : upper == nil { throw bad(text, node, section) }
        }
        if let lower, let upper, lower >= upper {
            throw section.error("no kernel is in the range \"\(text)\"", at: node)
        }
        guard lower != nil || upper != nil else { throw bad(text, node, section) }
        return KernelRange(from: lower, before: upper)
    }

    /// A version of two or three numbers and nothing else.
    static func version(_ text: some StringProtocol) -> KernelVersion? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return nil }
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { ("0"..."9").contains($0) } }) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count else { return nil }
        return KernelVersion(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    private static func bad(_ text: String, _ node: ManifestNode, _ section: ManifestSection) -> ManifestError {
        section.error("kernel is \"\(text)\", and must be like \">=6.16 <6.19\", \"<5.17\" or \">=7.2\"", at: node)
    }
}
