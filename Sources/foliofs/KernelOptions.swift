import ArgumentParser
import FolioPolicy
import LinuxFacts

/// `--kernel VERSION` and `--kernel-config NAME=y|n`: the kernel that is asked about.
struct KernelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Ask about this kernel instead of the running one; options that are not given are then unknown.",
            valueName: "version"))
    var kernel: String?

    @Option(
        name: .customLong("kernel-config"),
        help: ArgumentHelp(
            "Take this kernel option to be so, for instance READ_ONLY_THP_FOR_FS=y. Repeatable.",
            valueName: "name=y|n"))
    var config: [String] = []

    /// Whether another kernel than the running one is asked about.
    var isAnother: Bool { kernel != nil }

    mutating func validate() throws {
        if let kernel, KernelVersion(kernel) == nil {
            throw ValidationError("--kernel \(kernel) is no version like 6.18 or 6.18.44")
        }
        for setting in config where Self.option(setting) == nil {
            throw ValidationError("--kernel-config \(setting) is not NAME=y or NAME=n")
        }
    }

    /// The kernel that is asked about: the running one as read, or another with nothing but what was given; its page and
    /// PMD sizes are this machine's.
    func facts(running: KernelFacts) -> KernelFacts {
        var facts = running
        if let kernel {
            facts.version = KernelVersion(kernel)
            facts.config = [:]
        }
        for (name, value) in config.compactMap(Self.option) { facts.config[name] = value }
        return facts
    }

    /// An option's name without `CONFIG_` and whether it is set; nil: not of that form.
    static func option(_ setting: String) -> (String, Bool)? {
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
