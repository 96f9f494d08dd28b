package import FolioPolicy

/// Everything the policy looks at, as one JSON document: a line of `explain --query -`, or what `facts` wrote elsewhere.
///
/// A key that is left out, or null, is unknown; a list or an object of options that is given is complete.
/// `system.processDisabled` is taken to be false where it is left out, which is what a process is born with; so are the
/// facts that say of themselves what they are taken for where nothing is known (`mapping.special`, `file.privateData`, …).
package struct QueryDocument: Hashable, Sendable {
    /// The file's path, which nothing is read from; nil: none was given.
    package var path: String?
    /// The kernel.
    package var kernel: KernelFacts
    /// The machine's controls.
    package var system: SystemFacts
    /// The filesystem that holds the file.
    package var filesystem: FilesystemFacts
    /// The file.
    package var file: FileFacts
    /// The mapping.
    package var mapping: MappingFacts
    /// The operation that is asked about.
    package var operation: Operation

    /// A document from its parts.
    package init(
        path: String? = nil, kernel: KernelFacts, system: SystemFacts, filesystem: FilesystemFacts, file: FileFacts,
        mapping: MappingFacts, operation: Operation
    ) {
        self.path = path
        self.kernel = kernel
        self.system = system
        self.filesystem = filesystem
        self.file = file
        self.mapping = mapping
        self.operation = operation
    }

    /// The question, with what the registry says of the filesystem.
    package func query(registry: CapabilityRegistry) -> PolicyQuery {
        PolicyQuery(
            kernel: kernel, system: system, filesystem: filesystem,
            capability: registry.capability(filesystem: filesystem, file: file, kernel: kernel), file: file,
            mapping: mapping, operation: operation)
    }
}
