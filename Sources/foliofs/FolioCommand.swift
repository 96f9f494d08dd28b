import ArgumentParser

/// `foliofs`: the command line; also reached as `mount.foliofs`, mount(8)'s helper.
@main
struct FolioCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "foliofs",
        abstract: "Serve a directory so that its files are mapped with huge pages, and say what any kernel does.",
        discussion: """
            Exit codes: 0 done; 1 the operation failed; 2 usage; 3 the kernel disagreed with the prediction; \
            4 this machine lacks something that was asked for.
            """,
        version: ProgramVersion.text,
        subcommands: [
            MountCommand.self, UnmountCommand.self, StatusCommand.self, ExplainCommand.self, PromoteCommand.self,
            CollapseCommand.self, MapCommand.self, VerifyCommand.self, DoctorCommand.self, PluginCommand.self,
            ScanCommand.self, RunCommand.self, ProbeCommand.self, FactsCommand.self, ConfigCommand.self,
            ReloadCommand.self, RestartCommand.self, TopCommand.self, MetricsCommand.self, PluginHostCommand.self,
            PromotionWorkerCommand.self,
        ])

    /// Without a command there is nothing to do.
    func run() throws {
        throw ValidationError("a command is needed")
    }

    /// Runs the command that the program's arguments name, and exits.
    static func main() {
        exit(withCode: CommandRunner.run(CommandLine.arguments))
    }

    private static func exit(withCode code: ExitCode) -> Never {
        exit(withError: code)
    }
}
