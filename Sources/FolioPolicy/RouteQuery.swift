/// What the choice of a route looks at.
public struct RouteQuery: Hashable, Sendable {
    /// The kernel.
    public var kernel: KernelFacts
    /// The machine's controls.
    public var system: SystemFacts
    /// What the source's filesystem can do.
    public var capability: FilesystemCapability
    /// The file; `executable` decides about the aligned exec view.
    public var file: FileFacts
    /// Whether the kernel granted FUSE passthrough to this mount.
    public var passthroughGranted: Bool
    /// What the rules say of the file.
    public var choice: RuleChoice

    /// A question from its parts.
    public init(
        kernel: KernelFacts, system: SystemFacts, capability: FilesystemCapability, file: FileFacts,
        passthroughGranted: Bool, choice: RuleChoice
    ) {
        self.kernel = kernel
        self.system = system
        self.capability = capability
        self.file = file
        self.passthroughGranted = passthroughGranted
        self.choice = choice
    }

    /// A question from its parts, with what `rules` say of what is known of the file.
    public init(
        kernel: KernelFacts, system: SystemFacts, capability: FilesystemCapability, file: FileFacts,
        passthroughGranted: Bool, rules: RouteRules = .builtIn
    ) {
        self.init(
            kernel: kernel, system: system, capability: capability, file: file, passthroughGranted: passthroughGranted,
            choice: rules.choose(RuleSubject(file), pmdSize: kernel.geometry.pmdSize))
    }
}
