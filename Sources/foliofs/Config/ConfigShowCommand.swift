import ArgumentParser
import FolioConfiguration

/// `foliofs config show`: the settings and rules that hold, those that are built in among them.
struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the settings of a configuration file and all rules in order, as such a file.")

    @OptionGroup var config: ConfigurationOptions

    func run() throws {
        Terminal.print(try config.load().text)
    }
}
