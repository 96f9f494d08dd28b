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
            throw section.error(
                "no kernel is in the range \"\(text)\"", at: node,
                suggestion: "write \">=\(Self.text(upper)) <\(Self.text(lower))\"")
        }
        guard lower != nil || upper != nil else { throw bad(text, node, section) }
        return KernelRange(from: lower, before: upper)
    }

    /// A version as ranges write it: without a patch that is 0.
    static func text(_ version: KernelVersion) -> String {
        version.patch == 0 ? "\(version.major).\(version.minor)" : version.description
    }

    /// What was probably meant by a range that is none; nil: it cannot be told.
    ///
    /// `6.16+`, `>6.15`, `6.16-6.18`, `6.16..6.18`, `<=6.18`, `6.16`, `>=6.16,<6.19`, `>= 6.16`.
    static func suggestion(_ text: String) -> String? {
        var numbers: [Substring] = []
        var signs = ""
        for part in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            var rest = part
            while let first = rest.first {
                let digits = rest.prefix { $0.isNumber || $0 == "." }
                let number = digits.hasSuffix("..") ? digits.dropLast(2) : digits
                if number.contains(where: \.isNumber), let dots = number.firstRange(of: "..") {
                    numbers += [number[..<dots.lowerBound], number[dots.upperBound...]]
                    signs += "n-n"
                    rest = rest.dropFirst(digits.count)
                } else if number.contains(where: \.isNumber) {
                    numbers.append(number)
                    signs += digits.count == number.count ? "n" : "n-"
                    rest = rest.dropFirst(digits.count)
                } else {
                    signs.append(first)
                    rest = rest.dropFirst()
                }
            }
        }
        let versions = numbers.compactMap { version($0) }
        guard versions.count == numbers.count, let first = versions.first, let last = versions.last else { return nil }
        let after = "\(last.major).\(last.minor + 1)"
        switch signs {
        case "n": return ">=\(numbers[0]) <\(after)"
        case "n+", ">=n", "=>n", "n-": return ">=\(numbers[0])"
        case ">n": return ">=\(after)"
        case "<=n", "=<n": return "<\(after)"
        case "<n": return "<\(numbers[0])"
        case "n-n", ">=n<=n": return first <= last ? ">=\(numbers[0]) <\(after)" : nil
        case ">=n<n", ">=n&&<n": return first < last ? ">=\(numbers[0]) <\(numbers[1])" : nil
        case "<n>=n": return last < first ? ">=\(numbers[1]) <\(numbers[0])" : nil
        default: return nil
        }
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
