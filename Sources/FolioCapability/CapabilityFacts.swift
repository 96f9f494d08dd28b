package import FolioPolicy

/// Everything that a row's conditions can ask about.
package struct CapabilityFacts: Hashable, Sendable {
    /// The filesystem that holds the file.
    package var filesystem: FilesystemFacts
    /// The file.
    package var file: FileFacts
    /// The kernel.
    package var kernel: KernelFacts

    /// Facts from their parts.
    package init(filesystem: FilesystemFacts, file: FileFacts, kernel: KernelFacts) {
        self.filesystem = filesystem
        self.file = file
        self.kernel = kernel
    }
}
