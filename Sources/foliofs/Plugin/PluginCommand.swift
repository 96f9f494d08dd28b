import ArgumentParser

/// `foliofs plugin`: what speaks for which filesystem, and tools for those who write plugins.
struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "List, show, make, check and try capability plugins.",
        subcommands: [
            PluginListCommand.self, PluginShowCommand.self, PluginNewCommand.self, PluginValidateCommand.self,
            PluginTestCommand.self,
        ])

    /// Without a command there is nothing to do.
    func run() throws {
        throw ValidationError("a command is needed: list, show, new, validate or test")
    }
}
