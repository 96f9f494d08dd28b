import ArgumentParser
import FolioPolicy

/// `--kernel-config NAME=y|n`: options of a kernel that are taken to be so, whatever is read.
struct KernelConfigOptions: ParsableArguments {
    @Option(
        name: .customLong("kernel-config"),
        help: ArgumentHelp(
            "Take this kernel option to be so, for instance READ_ONLY_THP_FOR_FS=y. Repeatable.",
            valueName: "name=y|n"))
    var settings: [String] = []

    mutating func validate() throws {
        for setting in settings where Self.option(setting) == nil {
            throw ValidationError("--kernel-config \(setting) is not NAME=y or NAME=n")
        }
    }

    /// Takes the options to be so in `kernel`.
    func apply(to kernel: inout KernelFacts) {
        for (name, value) in settings.compactMap(Self.option) { kernel.config[name] = value }
    }

    /// An option's name without `CONFIG_` and whether it is set; nil: not of that form.
    private static func option(_ setting: String) -> (String, Bool)? {
        let halves = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let name = halves[0].hasPrefix("CONFIG_") ? halves[0].dropFirst("CONFIG_".count) : halves[0]
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
            return nil
        }
        switch halves[1] {
        case "y", "m": return (String(name), true)
        case "n": return (String(name), false)
        default: return nil
        }
    }
}
