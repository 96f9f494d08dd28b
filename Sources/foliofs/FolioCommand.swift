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
        subcommands: [PluginHostCommand.self, PromotionWorkerCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Serving",
                subcommands: [
                    MountCommand.self, UnmountCommand.self, RunCommand.self, PromoteCommand.self, ConfigCommand.self,
                    ReloadCommand.self, RestartCommand.self,
                ]),
            CommandGroup(
                name: "Observing",
                subcommands: [
                    StatusCommand.self, TopCommand.self, MetricsCommand.self, MapCommand.self, ScanCommand.self,
                ]),
            CommandGroup(
                name: "Asking",
                subcommands: [DoctorCommand.self, ExplainCommand.self, FactsCommand.self, PluginCommand.self]),
            CommandGroup(
                name: "Verifying",
                subcommands: [CollapseCommand.self, VerifyCommand.self, ProbeCommand.self]),
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
