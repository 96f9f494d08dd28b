import ArgumentParser

/// A command that could not do what was asked: the sentence for the person and the exit code.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    /// What failed on what, why, and what to do, without `foliofs:` and full stop.
    let description: String
    /// The exit code.
    let code: ExitCode

    /// A failure of the operation, or with another code.
    init(_ description: String, code: ExitCode = .operationFailed) {
        self.description = description
        self.code = code
    }

    /// Throws what has failed of several things, a line each; nothing where nothing has.
    static func throwAll(_ failures: [String]) throws(CommandFailure) {
        if !failures.isEmpty { throw CommandFailure(failures.joined(separator: "\nfoliofs: ")) }
    }
}
