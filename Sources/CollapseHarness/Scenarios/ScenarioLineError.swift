/// Why a case line is none.
package struct ScenarioLineError: Error, CustomStringConvertible {
    /// For a person: the word that is not understood, and what it could be.
    package let description: String

    /// An error about a word, with what it could be.
    package init(_ what: String, _ choices: [String] = []) {
        description = choices.isEmpty ? what : "\(what); one of \(choices.joined(separator: " "))"
    }
}
