/// What is wrong with a manifest, another TOML file or a place where manifests are looked for, where, and what would be right.
package struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The manifest, or the directory, as it was named.
    package let file: String
    /// The line, from 1; 0 where it is about the file as a whole.
    package let line: Int
    /// The column in characters (Unicode scalars), from 1; 0 where it is about the file as a whole.
    package let column: Int
    /// What is wrong, without a full stop.
    package let message: String
    /// What to write or to do instead, without a full stop; nil: the message says it.
    package let suggestion: String?
    /// The lint rule that says so; nil: the file is no manifest at all as long as this is not mended.
    package let rule: String?

    /// An error at a place of a manifest.
    package init(
        file: String, line: Int, column: Int, message: String, suggestion: String? = nil, rule: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.suggestion = suggestion
        self.rule = rule
    }

    /// An error at a place, or about the file as a whole.
    package init(
        _ message: String, in file: String, at position: SourcePosition? = nil, suggestion: String? = nil,
        rule: String? = nil
    ) {
        self.init(
            file: file, line: position?.line ?? 0, column: position?.column ?? 0, message: message,
            suggestion: suggestion, rule: rule)
    }

    /// `file:line:column: message; suggestion [rule]`, or `file: message` where it is about the file as a whole.
    package var description: String {
        let place = line == 0 ? file : "\(file):\(line):\(column)"
        return "\(place): \(message)" + (suggestion.map { "; " + $0 } ?? "") + (rule.map { " [\($0)]" } ?? "")
    }
}
