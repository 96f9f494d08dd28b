/// One question to the policy: may every whole PMD chunk of this mapping come to be PMD-mapped by this operation?
public struct PolicyQuery: Hashable, Sendable {
    /// The kernel.
    public var kernel: KernelFacts
    /// The machine's controls.
    public var system: SystemFacts
    /// The filesystem's facts (shmem rules look at its `huge=` option).
    public var filesystem: FilesystemFacts
    /// What the filesystem can do there.
    public var capability: FilesystemCapability
    /// The file.
    public var file: FileFacts
    /// The mapping.
    public var mapping: MappingFacts
    /// The operation.
    public var operation: Operation

    /// A question from its parts.
    public init(
        kernel: KernelFacts, system: SystemFacts, filesystem: FilesystemFacts, capability: FilesystemCapability,
        file: FileFacts, mapping: MappingFacts, operation: Operation
    ) {
        self.kernel = kernel
        self.system = system
        self.filesystem = filesystem
        self.capability = capability
        self.file = file
        self.mapping = mapping
        self.operation = operation
    }
}
