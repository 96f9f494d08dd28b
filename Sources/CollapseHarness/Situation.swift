package import FolioCapability
package import FolioPolicy
package import LinuxFacts
package import SystemPackage

/// The facts about one open file, read just before an operation, and what the policy makes of them.
package struct Situation {
    /// The kernel.
    package let kernel: KernelFacts
    /// The machine's and the process's controls.
    package var system: SystemFacts
    /// The file's filesystem.
    package let filesystem: FilesystemFacts
    /// The file; what its page cache holds is asked chunk by chunk.
    package var file: FileFacts
    /// What the filesystem can do for the file.
    package let capability: FilesystemCapability
    private let descriptor: FileDescriptor

    /// Reads the facts, and asks the native plugin that speaks for the filesystem, if one does.
    /// - Parameters:
    ///   - kernel: the kernel's facts, where the caller knows more than the reader.
    ///   - filesystem: the filesystem's facts where the caller knows better, and then no plugin is asked; nil: as read.
    package init(
        _ path: FilePath, open descriptor: FileDescriptor, reader: FactReader, kernel: KernelFacts,
        registry: CapabilityRegistry, filesystem: FilesystemFacts? = nil
    ) throws(LinuxError) {
        self.kernel = kernel
        file = try reader.file(path)
        self.descriptor = descriptor
        if let filesystem {
            self.filesystem = filesystem
            capability = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        } else {
            (self.filesystem, capability) = registry.resolve(
                path: try path.resolved(), filesystem: try reader.filesystem(of: path), file: file, kernel: kernel
            ) { try? reader.filesystem(of: $0) }
        }
        system = reader.system(for: path, on: self.filesystem)
    }

    /// The same facts read again, for a later moment: what the plugin said stands.
    package func renewed(_ path: FilePath, reader: FactReader) throws(LinuxError) -> Situation {
        Situation(
            kernel: kernel, system: reader.system(for: path, on: filesystem), filesystem: filesystem,
            file: try reader.file(path),
            capability: capability, descriptor: descriptor)
    }

    private init(
        kernel: KernelFacts, system: SystemFacts, filesystem: FilesystemFacts, file: FileFacts,
        capability: FilesystemCapability, descriptor: FileDescriptor
    ) {
        self.kernel = kernel
        self.system = system
        self.filesystem = filesystem
        self.file = file
        self.capability = capability
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
        return FolioPolicy.decide(
            PolicyQuery(
                kernel: kernel, system: system, filesystem: filesystem, capability: capability, file: file,
                mapping: mapping, operation: operation))
    }
}
