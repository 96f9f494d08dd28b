import ArgumentParser
import FolioConfiguration
import Glibc
import SystemPackage

/// `--config FILE`: the configuration file, which else is the standard one where that is there.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The configuration file; default: /etc/foliofs/foliofs.conf, where it is there.", valueName: "file"))
    var file: String?

    /// The file's absolute path; nil: none is named.
    var path: FilePath? {
        guard let file else { return nil }
        let path = FilePath(file)
        guard path.isRelative, let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        return FilePath(platformString: directory).pushing(path).lexicallyNormalized()
    }

    /// What the file says.
    func load() throws(ConfigurationError) -> Configuration { try ConfigurationFile.load(path) }
}
