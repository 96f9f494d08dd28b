package import FolioCapability

/// Everything that is wrong with a configuration file, which is therefore not used at all.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in the order of the text; at least one thing.
    package let problems: [ManifestError]

    /// An error of one or more problems.
    package init(problems: [ManifestError]) {
        self.problems = problems
    }

    /// A line for each: `file:line:column: message; suggestion`.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
