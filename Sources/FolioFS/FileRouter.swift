import CLinuxShims
import FolioCapability
import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// Asks the policy for the route of a file, from facts read here.
final class FileRouter: Sendable {
    let kernel: KernelFacts
    private let reader: FactReader
    private let registry: CapabilityRegistry
    private let options: ServeOptions
    private let system: SystemFacts
    private let filesystems = LockedState<[UInt64: FilesystemFacts]>([:])
    private let granted = LockedState(false)

    init(_ options: ServeOptions, reader: FactReader, registry: CapabilityRegistry) {
        self.options = options
        self.reader = reader
        self.registry = registry
        kernel = reader.kernel()
        system = reader.system()
    }

    var pmdSize: Int { kernel.geometry.pmdSize }

    /// Whether the kernel granted passthrough; asked of every decision.
    var passthroughGranted: Bool {
        get { granted.withLock { $0 } }
        set { granted.withLock { $0 = newValue } }
    }

    /// The route of a regular file that `descriptor` has open.
    func decide(_ descriptor: Int32, _ status: stat) -> RouteDecision {
        let filesystem = filesystem(descriptor, status)
        let flags = try? InodeFlags.read(FileDescriptor(rawValue: descriptor))
        let file = FileFacts(
            size: Int(status.st_size), regular: true, inodeFlags: flags?.names,
            compressed: flags?.contains(.compressed), dax: flags?.contains(.dax),
            executable: isExecutable(descriptor, status))
        let capability = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        return route(
            RouteQuery(
                kernel: kernel, system: system, capability: capability, file: file,
                passthroughGranted: passthroughGranted, forced: options.route, forcedPromotion: options.promotion,
                alignedExec: options.alignedExec))
    }

    /// Whether any execute bit is set or it is an ELF image: programs and the libraries they load.
    func isExecutable(_ descriptor: Int32, _ status: stat) -> Bool {
        if status.st_mode & 0o111 != 0 { return true }
        var magic: UInt32 = 0
        guard let file = try? ProcessFiles.forOwnReads(descriptor) else { return false }
        return pread(file.descriptor, &magic, 4, 0) == 4 && magic.littleEndian == 0x464c_457f
    }

    private func filesystem(_ descriptor: Int32, _ status: stat) -> FilesystemFacts {
        let device = UInt64(status.st_dev)
        if let known = filesystems.withLock({ $0[device] }) { return known }
        let path = ProcessFiles.target(descriptor).map { FilePath(String(decoding: $0, as: UTF8.self)) }
        // A file that was opened by its handle need not have a path by which it is known; another of its filesystem does.
        guard let known = [path, options.source].lazy.compactMap({ $0 }).first(where: { Self.isOn(device, $0) }),
            let facts = try? reader.filesystem(of: known)
        else { return FilesystemFacts(type: nil) }
        // A layered filesystem answers for each file; the others for all they hold.
        if facts.layers.isEmpty { filesystems.withLock { $0[device] = facts } }
        return facts
    }

    private static func isOn(_ device: UInt64, _ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString({ stat($0, &status) }) == 0 && UInt64(status.st_dev) == device
    }
}
