import CLinuxShims
import FolioCapability
import FolioPolicy
package import FuseServer
import Glibc
import LinuxFacts
import Logging
import SystemPackage

/// The filesystem: the files of a source directory, each served by the route that gets it PMD-mapped.
package final class FolioFilesystem: Filesystem, @unchecked Sendable {
    let options: ServeOptions
    let table: InodeTable
    let router: FileRouter
    let logger: Logger
    let counters = LockedState<[Counter: Int]>([:])
    let routes = LockedState<[Route: Int]>([:])
    /// Bytes last seen to be PMD-mapped, by file.
    let pmdBytes = LockedState<[FileIdentity: Int]>([:])
    /// Open files whose staged copies may have been changed through shared mappings.
    let mirrored = LockedState<[ObjectIdentifier: (file: OpenFile, copy: StagedCopy)]>([:])
    /// nil: no staging here.
    let staging: StagingStore?
    /// Signal that ends a wait for a lock.
    let wakeSignal = folio_lock_wake_signal()
    /// Set once, before the first request.
    unowned(unsafe) var session: FuseSession?
    /// Called when the kernel has begun the mount.
    let onReady: @Sendable (Grant) -> Void

    /// - Throws: what the source directory says to being opened.
    init(
        _ options: ServeOptions, source: Int32, reader: FactReader, registry: CapabilityRegistry, logger: Logger,
        onReady: @escaping @Sendable (Grant) -> Void
    ) throws(Errno) {
        self.options = options
        self.logger = logger
        self.onReady = onReady
        router = FileRouter(options, reader: reader, registry: registry)
        table = try InodeTable(source: source, descriptorLimit: Self.descriptorLimit())
        do throws(Errno) {
            staging = options.passthrough ? try StagingStore(limit: options.stageLimit) : nil
        } catch {
            logger.notice("no staging: cannot make a tmpfs of huge pages: \(error.name)")
            staging = nil
        }
    }

    /// The descriptors this process may have, after the soft limit has been raised to the hard one.
    private static func descriptorLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(min(limit.rlim_cur, 1 << 20))
    }

    package func initialize(_ grant: Grant) {
        router.passthroughGranted = grant.granted.contains(.passthrough)
        logger.info("protocol 7.\(grant.protocolMinor), granted: \(grant.granted)")
        if !grant.refused.isEmpty { logger.notice("the kernel does not offer: \(grant.refused)") }
        onReady(grant)
    }

    /// Attributes as programs see them.
    func attributes(_ status: stat, _ inode: Inode) -> Attributes {
        var shown = status
        shown.st_ino = ino_t(inode.shownNumber)
        return Attributes(shown, timeout: options.cacheTimeout)
    }

    /// An inode just looked up. Names of files are asked for each time, so that a file replaced underneath is seen by the
    /// next open.
    func entry(_ inode: Inode, _ status: stat) -> Entry {
        Entry(
            node: inode.node, generation: inode.generation, attributes: attributes(status, inode),
            timeout: inode.type == S_IFDIR ? options.cacheTimeout : 0)
    }

    /// Counts something that happened, or an amount of it.
    func count(_ counter: Counter, _ amount: Int = 1) { counters.withLock { $0[counter, default: 0] += amount } }
}
