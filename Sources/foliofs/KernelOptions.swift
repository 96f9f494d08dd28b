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

    @OptionGroup var config: KernelConfigOptions

    /// Whether another kernel than the running one is asked about.
    var isAnother: Bool { kernel != nil }

    mutating func validate() throws {
        if let kernel, KernelVersion(kernel) == nil {
            throw ValidationError("--kernel \(kernel) is no version like 6.18 or 6.18.44")
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
        config.apply(to: &facts)
        return facts
    }
}
