import ArgumentParser

/// `foliofs config`: the configuration file.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check a configuration file, or show what holds.",
        subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self])
}
