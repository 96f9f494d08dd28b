import ArgumentParser
import FolioCapability
import FolioConfiguration
import Glibc
import LinuxFacts
import SystemPackage

/// From the program's arguments to its exit code: the one place where an error becomes a line and a number.
enum CommandRunner {
    /// What SIGPIPE did before it was ignored, for what is run in this process's place.
    static let inheritedPipeAction = signal(SIGPIPE, SIG_IGN)

    /// Runs the program by its arguments, the first being its own name.
    static func run(_ arguments: [String]) -> ExitCode {
        // A reader that has gone away (`foliofs explain | head`) is no reason to die without a word.
        _ = inheritedPipeAction
        do {
            let rest = Array(arguments.dropFirst())
            guard MountHelper.isHelper(arguments.first ?? "") else {
                try run(command: rest)
                return .success
            }
            guard let translated = try MountHelper.translate(rest) else { return .success }
            try run(command: translated)
            return .success
        } catch {
            return report(error)
        }
    }

    private static func run(command arguments: [String]) throws {
        var command = try FolioCommand.parseAsRoot(arguments)
        try command.run()
    }

    /// Prints what an error has to say and gives its exit code.
    static func report(_ error: any Error) -> ExitCode {
        let code = exitCode(of: error)
        if let text = message(of: error) {
            if code == .success { Terminal.print(text) } else { Terminal.fail(text) }
        }
        return code
    }

    /// The exit code of an error; ArgumentParser's 64 for wrong usage is 2 here.
    static func exitCode(of error: any Error) -> ExitCode {
        switch error {
        case let failure as CommandFailure: failure.code
        case is LinuxError, is ManifestError, is ConfigurationError, is Errno: .operationFailed
        default:
            switch FolioCommand.exitCode(for: error) {
            case .validationFailure: .usage
            case let code: code
            }
        }
    }

    /// What an error says to a person, one line but for a help text; nil: nothing, as for an exit code alone.
    static func message(of error: any Error) -> String? {
        switch error {
        case let failure as CommandFailure: return failure.description
        case let failure as LinuxError: return failure.advised.description
        case let failure as ManifestError: return failure.description
        case let failure as ConfigurationError: return failure.description
        case let failure as Errno: return failure.name
        case is ExitCode: return nil
        default: break
        }
        if FolioCommand.exitCode(for: error) == .success { return FolioCommand.fullMessage(for: error) }
        let lines = FolioCommand.message(for: error).split(whereSeparator: \.isNewline).map { line in
            String(line.drop { $0 == " " })
        }
        let sentence = lines.joined(separator: " ")
        guard FolioCommand.exitCode(for: error) == .validationFailure else { return sentence }
        return sentence + "; see " + help(about: error)
    }

    /// The command that explains the one whose arguments were wrong: `foliofs help mount`.
    private static func help(about error: any Error) -> String {
        // The end of what ArgumentParser would print: See 'foliofs mount --help' for more information.
        guard let match = FolioCommand.fullMessage(for: error).firstMatch(of: #/See 'foliofs((?: [a-z-]+)*) --help'/#)
        else {
            return "foliofs help"
        }
        return "foliofs help" + match.1
    }
}
