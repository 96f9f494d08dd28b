import ArgumentParser
import FolioCapability
import FusePlugin
import Glibc
import OverlayPlugin

/// `foliofs plugin-host`: the process that a native plugin lives in; started by foliofs itself.
struct PluginHostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin-host", abstract: "The process of a native plugin; not for people.", shouldDisplay: false)

    @Argument(help: "The library, or builtin:NAME.")
    var location: String

    func run() throws {
        let status = NativeHost.run(location) { name in
            switch name {
            case "overlay": OverlayPlugin.entry
            case "fuse": FusePlugin.entry
            default: nil
            }
        }
        if status != 0 { throw ExitCode(status) }
    }
}
