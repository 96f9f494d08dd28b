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
    private let source: FilePath
    private let system: SystemFacts
    private let filesystems = LockedState<[UInt64: FilesystemFacts]>([:])
    private let granted = LockedState(false)
    /// The policy in force.
    let live: LivePolicy

    /// - Throws: EMFILE.
    init(_ options: ServeOptions, reader: FactReader, registry: CapabilityRegistry) throws(Errno) {
        source = options.source
        self.reader = reader
        self.registry = registry
        asker = try PluginAsker(registry, reader: reader)
        kernel = reader.kernel()
        system = reader.system()
        live = LivePolicy(options.policy, pmdSize: kernel.geometry.pmdSize)
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
        /// Whether rules ask for the path, and the kernel has lost it: a file opened by its handle has one only as long as its
        /// name is in the source's dentry cache (Linux 6.18 fs/exportfs/expfs.c exportfs_decode_fh_raw(), read).
        var isNameless = false
    }

    /// The route of a regular file that `descriptor` has open, at once.
    ///
    /// Where a native plugin speaks for its filesystem and has not been heard of this file, the manifest's rows choose as far
    /// as they know enough; the plugin is to be asked behind.
    func decide(_ descriptor: Int32, _ status: stat, _ opening: Opening) -> Choice {
        let path = live.current.rules.needs.contains(.path) ? relativePath(descriptor) : []
        var choice = decide(descriptor, status, opening, path)
        choice.isNameless = path == nil
        return choice
    }

    private func decide(_ descriptor: Int32, _ status: stat, _ opening: Opening, _ path: [UInt8]?) -> Choice {
        let (filesystem, file, choice) = facts(descriptor, status, opening, path)
        let rows = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        guard let plugin = registry.plugin(of: filesystem) else { return Choice(route: route(file, rows, choice)) }
        guard let question = question(descriptor, status, filesystem, file, choice) else {
            return Choice(route: route(file, Self.unnamed(rows), choice))
        }
        if let capability = asker.answer(question.file, question.stamp) {
            return Choice(route: route(file, capability, choice))
        }
        let decision = route(file, rows, choice)
        // Where the answer cannot be that the source itself will do, another route need not wait for it.
        guard rows.orders == .unknown, decision.tried.contains(where: { $0.route == .native && $0.isPossible }) else {
            return Choice(route: decision, question: question)
        }
        let asking = RouteDecision(
            route: .plain, promote: decision.promote, rule: "route.asking",
            reason: "the plugin \(plugin.location) is being asked about it", choice: choice)
        return Choice(route: asking, question: question)
    }

    /// Asks a native plugin behind, for the next open.
    ///
    /// - Parameter answered: called on another thread with the route that the answer leads to; not at all where too many
    ///   questions wait.
    func ask(_ question: PluginAsker.Question, answered: @escaping @Sendable (RouteDecision) -> Void) {
        asker.ask(question) { [weak self] capability in
            guard let self else { return }
            answered(route(question.facts, capability, question.choice))
        }
    }

    /// The same, with the answer of a native plugin waited for.
    /// - Throws: EMFILE.
    func decideInFull(_ descriptor: Int32, _ status: stat, exec: Bool = false) throws(Errno) -> RouteDecision {
        let opening = Opening(edition: live.current.number, exec: exec)
        let (filesystem, file, choice) = facts(descriptor, status, opening, relativePath(descriptor))
        let rows = registry.capability(filesystem: filesystem, file: file, kernel: kernel)
        guard registry.plugin(of: filesystem) != nil else { return route(file, rows, choice) }
        guard let question = question(descriptor, status, filesystem, file, choice) else {
            return route(file, Self.unnamed(rows), choice)
        }
        return route(file, try asker.askAndWait(question), choice)
    }

    private func route(_ file: FileFacts, _ capability: FilesystemCapability, _ choice: RuleChoice) -> RouteDecision {
        FolioPolicy.route(
            RouteQuery(
                kernel: kernel, system: system, capability: capability, file: file,
                passthroughGranted: passthroughGranted, choice: choice))
    }

    // MARK: Facts

    private func facts(
        _ descriptor: Int32, _ status: stat, _ opening: Opening, _ path: [UInt8]?
    ) -> (FilesystemFacts, FileFacts, RuleChoice) {
        let rules = live.current.rules
        let readable = try? ProcessFiles.forOwnReads(descriptor)
        let subject = RuleSubjectReader.read(
            readable?.descriptor ?? descriptor, size: Int(status.st_size), mode: status.st_mode, user: status.st_uid,
            group: status.st_gid, path: path, exec: opening.exec, heats: opening.heats, for: rules)
        let flags = try? InodeFlags.read(FileDescriptor(rawValue: descriptor))
        let file = FileFacts(
            size: Int(status.st_size), regular: true, inodeFlags: flags?.names,
            compressed: flags?.contains(.compressed), dax: flags?.contains(.dax),
            executable: !subject.kinds.isDisjoint(with: [.executable, .elf]))
        return (filesystem(descriptor, status), file, rules.choose(subject, pmdSize: pmdSize))
    }

    /// The path of an open file below the source, in bytes; nil: it has none.
    private func relativePath(_ descriptor: Int32) -> [UInt8]? {
        guard let path = ProcessFiles.target(descriptor) else { return nil }
        let prefix = source.string == "/" ? [UInt8(ascii: "/")] : Array(source.string.utf8) + [UInt8(ascii: "/")]
        return path.starts(with: prefix) && path.count > prefix.count ? Array(path.dropFirst(prefix.count)) : nil
    }

    /// What a plugin is asked; nil: the file has no name by which it could look.
    private func question(
        _ descriptor: Int32, _ status: stat, _ filesystem: FilesystemFacts, _ file: FileFacts, _ choice: RuleChoice
    ) -> PluginAsker.Question? {
        guard let path = Self.path(descriptor), Self.isOn(UInt64(status.st_dev), path) else { return nil }
        return PluginAsker.Question(
            file: FileIdentity(status), stamp: SourceStamp(status), path: path, filesystem: filesystem, facts: file,
            choice: choice)
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
        let paths = [Self.path(descriptor), source]
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
