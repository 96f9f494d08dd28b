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
    /// A route asked for by name; nil: the policy chooses.
    public var forced: Route?
    /// A promotion asked for by name; nil: the policy chooses.
    public var forcedPromotion: Promotion?
    /// Whether the aligned exec view is wanted.
    public var alignedExec: Bool

    /// A question from its parts.
    public init(
        kernel: KernelFacts, system: SystemFacts, capability: FilesystemCapability, file: FileFacts,
        passthroughGranted: Bool, forced: Route? = nil, forcedPromotion: Promotion? = nil, alignedExec: Bool = true
    ) {
        self.kernel = kernel
        self.system = system
        self.capability = capability
        self.file = file
        self.passthroughGranted = passthroughGranted
        self.forced = forced
        self.forcedPromotion = forcedPromotion
        self.alignedExec = alignedExec
    }
}
