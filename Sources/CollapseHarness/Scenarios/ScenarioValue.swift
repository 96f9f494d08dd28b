/// What one dimension of a scenario can be: a word of its case line.
package protocol ScenarioValue: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}
