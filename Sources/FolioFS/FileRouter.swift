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
    private let asker: PluginAsker
    private let options: ServeOptions
    private let system: SystemFacts
    private let filesystems = LockedState<[UInt64: FilesystemFacts]>([:])
    private let granted = LockedState(false)

    /// - Throws: EMFILE.
    init(_ options: ServeOptions, reader: FactReader, registry: CapabilityRegistry) throws(Errno) {
        self.options = options
        self.reader = reader
        self.registry = registry
        asker = try PluginAsker(registry, reader: reader)
        kernel = reader.kernel()
        system = reader.system()
    }

    var pmdSize: Int { kernel.geometry.pmdSize }

    /// Whether the kernel granted passthrough; asked of every decision.
    var passthroughGranted: Bool {
        get { granted.withLock { $0 } }
        set { granted.withLock { $0 = newValue } }
    }

    /// A route, and whether it will stay.
    struct Choice {
        let route: RouteDecision
        /// What a native plugin has yet to be asked; nil: the route stands.
        var question: PluginAsker.Question?
    }

    /// The route of a regular file that `descriptor` has open, at once.
    ///
    /// Where a native plugin speaks for its filesystem and has not been heard of this file, the manifest's rows choose as far
    /// as they know enough; the plugin is to be asked behind.
    func decide(_ descriptor: Int32, _ status: stat) -> Choice {
        let (filesystem, file) = facts(descriptor, status)
        let rows = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        guard let plugin = registry.plugin(of: filesystem) else { return Choice(route: route(file, rows)) }
        guard let question = question(descriptor, status, filesystem, file) else {
            return Choice(route: route(file, Self.unnamed(rows)))
        }
        if let capability = asker.answer(question.file, question.stamp) {
            return Choice(route: route(file, capability))
        }
        guard rows.orders == .unknown, rows.passthroughBacking != false, options.route == nil else {
            return Choice(route: route(file, rows), question: question)
        }
        let asking = RouteDecision(
            route: .plain, promotion: .none, alignedExec: false, rule: "route.asking",
            reason: "the plugin \(plugin.location) is being asked about it")
        return Choice(route: asking, question: question)
    }

    /// Asks a native plugin behind, for the next open.
    ///
    /// - Parameter answered: called on another thread with the route that the answer leads to; not at all where too many
    ///   questions wait.
    func ask(_ question: PluginAsker.Question, answered: @escaping @Sendable (RouteDecision) -> Void) {
        asker.ask(question) { [weak self] capability in
            guard let self else { return }
            answered(route(question.facts, capability))
        }
    }

    /// The same, with the answer of a native plugin waited for.
    /// - Throws: EMFILE.
    func decideInFull(_ descriptor: Int32, _ status: stat) throws(Errno) -> RouteDecision {
        let (filesystem, file) = facts(descriptor, status)
        let rows = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        guard registry.plugin(of: filesystem) != nil else { return route(file, rows) }
        guard let question = question(descriptor, status, filesystem, file) else {
            return route(file, Self.unnamed(rows))
        }
        return route(file, try asker.askAndWait(question))
    }

    private func route(_ file: FileFacts, _ capability: FilesystemCapability) -> RouteDecision {
        FolioPolicy.route(
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

    // MARK: Facts

    private func facts(_ descriptor: Int32, _ status: stat) -> (FilesystemFacts, FileFacts) {
        let flags = try? InodeFlags.read(FileDescriptor(rawValue: descriptor))
        let file = FileFacts(
            size: Int(status.st_size), regular: true, inodeFlags: flags?.names,
            compressed: flags?.contains(.compressed), dax: flags?.contains(.dax),
            executable: isExecutable(descriptor, status))
        return (filesystem(descriptor, status), file)
    }

    /// What a plugin is asked; nil: the file has no name by which it could look.
    private func question(
        _ descriptor: Int32, _ status: stat, _ filesystem: FilesystemFacts, _ file: FileFacts
    ) -> PluginAsker.Question? {
        guard let path = Self.path(descriptor), Self.isOn(UInt64(status.st_dev), path) else { return nil }
        return PluginAsker.Question(
            file: FileIdentity(status), stamp: SourceStamp(status), path: path, filesystem: filesystem, facts: file)
    }

    /// The capability of a file that a plugin cannot be asked about, from that of the manifest's rows.
    private static func unnamed(_ rows: FilesystemCapability) -> FilesystemCapability {
        var capability = rows
        capability.orders = .unknown
        capability.source = "a plugin is asked about a path, and the file has none"
        capability.confidence = nil
        capability.missing = ["file.path"]
        return capability
    }

    private func filesystem(_ descriptor: Int32, _ status: stat) -> FilesystemFacts {
        let device = UInt64(status.st_dev)
        if let known = filesystems.withLock({ $0[device] }) { return known }
        // A file that was opened by its handle need not have a path by which it is known; another of its filesystem does.
        let paths = [Self.path(descriptor), options.source]
        guard let known = paths.lazy.compactMap({ $0 }).first(where: { Self.isOn(device, $0) }),
            let facts = try? reader.filesystem(of: known)
        else { return FilesystemFacts(type: nil) }
        // A layered filesystem answers for each file; the others for all they hold.
        if facts.layers.isEmpty { filesystems.withLock { $0[device] = facts } }
        return facts
    }

    private static func path(_ descriptor: Int32) -> FilePath? {
        ProcessFiles.target(descriptor).map { FilePath(String(decoding: $0, as: UTF8.self)) }
    }

    private static func isOn(_ device: UInt64, _ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString({ stat($0, &status) }) == 0 && UInt64(status.st_dev) == device
    }
}
