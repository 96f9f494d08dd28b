package import FolioCapability
package import FolioPolicy
package import LinuxFacts
package import SystemPackage

/// The facts about one open file, read just before an operation, and what the policy makes of them.
package struct Situation {
    /// The kernel.
    package let kernel: KernelFacts
    /// The machine's and the process's controls.
    package let system: SystemFacts
    /// The file's filesystem.
    package let filesystem: FilesystemFacts
    /// The file; what its page cache holds is asked chunk by chunk.
    package let file: FileFacts
    private let registry: CapabilityRegistry
    private let descriptor: FileDescriptor

    /// Reads the facts.
    /// - Parameters:
    ///   - kernel: the kernel's facts, where the caller knows more than the reader.
    ///   - filesystem: the filesystem's facts where the caller knows better; nil: as read.
    package init(
        _ path: FilePath, open descriptor: FileDescriptor, reader: FactReader, kernel: KernelFacts,
        registry: CapabilityRegistry, filesystem: FilesystemFacts? = nil
    ) throws(LinuxError) {
        self.kernel = kernel
        system = reader.system()
        if let filesystem {
            self.filesystem = filesystem
        } else {
            self.filesystem = try reader.filesystem(of: path)
        }
        file = try reader.file(path)
        self.registry = registry
        self.descriptor = descriptor
    }

    /// What of the page cache is seen of `length` bytes from `offset`: the orders of its folios and whether any is dirty.
    package func cached(_ offset: Int, _ length: Int) -> (orders: FolioOrderSet?, dirty: Bool?) {
        if let folios = try? CachedFolio.read(descriptor, offset: offset, length: length, geometry: kernel.geometry) {
            let dirty = folios.contains(where: \.dirty)
            // What the journal of data=journal still holds is in no page flag (6.1 fs/ext4/inode.c
            // ext4_journalled_write_end(), measured).
            let hidden = !dirty && isJournalled && folios.contains(where: \.filesystemData)
            return (FolioOrderSet(folios.map(\.order)), hidden ? nil : dirty)
        }
        guard let size = file.size, offset < size else { return ([], false) }
        return (file.cachedOrders, file.dirty)
    }

    /// Whether the filesystem writes the file's data to its journal first.
    private var isJournalled: Bool {
        filesystem.pageCacheOwner.mountOptions?["data"] == "journal"
            || file.inodeFlags?.contains("journal-data") == true
    }

    /// The policy's answer for a mapping, or one chunk of it.
    package func decide(_ mapping: MappingFacts, _ operation: Operation) -> Decision {
        var file = file
        (file.cachedOrders, file.dirty) = cached(mapping.offset, mapping.length)
        let capability = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        return FolioPolicy.decide(
            PolicyQuery(
                kernel: kernel, system: system, filesystem: filesystem, capability: capability, file: file,
                mapping: mapping, operation: operation))
    }
}
