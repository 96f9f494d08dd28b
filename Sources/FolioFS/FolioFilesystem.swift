import CLinuxShims
import FolioCapability
import FolioPolicy
package import FuseServer
import Glibc
import LinuxFacts
import Logging
import Synchronization
import SystemPackage

/// The filesystem: the files of a source directory, each served by the route that gets it PMD-mapped.
package final class FolioFilesystem: Filesystem, @unchecked Sendable {
    let options: ServeOptions
    let table: InodeTable
    /// What is handed on to the next daemon; nil: nothing.
    let records: MountRecords?
    let router: FileRouter
    let logger: Logger
    let counters = LockedState<[Counter: Int]>([:])
    let firstOpens = LockedState(FirstOpens())
    /// What is remembered of files that were promoted or staged.
    let promoted = PromotedFiles()
    /// What is promoted behind.
    let promotions: PromotionQueue
    /// nil: no staging here.
    let staging: StagingStore?
    /// nil where there is no staging, and no thread for it.
    private(set) var refresher: StagedRefresher?
    /// Stages what is too large to be staged while an open waits.
    private(set) lazy var stager = BackgroundStager { [unowned self] in stageBehind($0) }
    /// nil where there is no staging, or nobody would tell.
    private(set) var pressure: MemoryPressure?
    /// nil: nothing is watched.
    private(set) var watcher: SourceWatcher?
    /// How a thread becomes the caller; set before the first request.
    private(set) var identity = CallerIdentity()
    /// Tells when processes end that hold locks.
    let exits = ProcessExits()
    /// What directories are being looked up in.
    let lookups = LookupHistory()
    /// Who waits for a record lock.
    let lockWaits = LockWaits()
    /// Signal that ends a wait for a lock.
    let wakeSignal = folio_lock_wake_signal()
    /// Set once, before the first request.
    unowned(unsafe) var session: FuseSession?
    /// Processes of root that have just removed a file's capabilities, and of which file: their next FUSE_SETATTR of nothing
    /// is the rest of that.
    let capabilityRemovals = LockedState<[Int32: NodeID]>([:])
    /// Held while the configuration is read again: why it was refused the last time, if it was.
    let reloading = LockedState<String?>(nil)
    /// Called when the kernel has begun the mount.
    let onReady: @Sendable (Grant) -> Void

    /// - Throws: what the source directory says to being opened.
    init(
        _ options: ServeOptions, source: Int32, reader: FactReader, registry: CapabilityRegistry, logger: Logger,
        records: MountRecords? = nil, onReady: @escaping @Sendable (Grant) -> Void
    ) throws(Errno) {
        self.options = options
        self.logger = logger
        self.onReady = onReady
        self.records = records
        router = try FileRouter(options, reader: reader, registry: registry)
        table = try InodeTable(
            source: source, descriptorLimit: Self.descriptorLimit(), oneFilesystem: options.oneFilesystem,
            records: records)
        promotions = try PromotionQueue(interval: options.promotionCheck)
        do throws(Errno) {
            staging =
                options.passthrough
                ? try StagingStore(
                    limit: options.stageLimit, chunkSize: router.pmdSize, records: records,
                    removed: { [promoted] in promoted.saw(0, of: $0) })
                : nil
        } catch {
            logger.notice("no staging: cannot make a tmpfs of huge pages: \(error.name)")
            staging = nil
        }
        promotions.work = { [weak self] task, process in self?.promoteBehind(task, with: process) ?? false }
        promotions.isOpen = { task in
            guard case .inode(let inode) = task.file else { return false }
            return inode.serving.withLockIfPresent { $0.opens > 0 } ?? false
        }
    }

    /// The descriptors this process may have, after the soft limit has been raised to the hard one.
    static func descriptorLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(min(limit.rlim_cur, 1 << 20))
    }

    package func initialize(_ grant: Grant) {
        identity.sendsDirectoryGroup = grant.granted.contains(.createSupplementaryGroup)
        router.passthroughGranted = grant.granted.contains(.passthrough)
        logger.info("protocol 7.\(grant.protocolMinor), granted: \(grant.granted)")
        if !grant.refused.isEmpty { logger.notice("the kernel does not offer: \(grant.refused)") }
        beginWatching(grant)
        beginStaging()
        if records?.isTakenOver == true {
            // What others changed meanwhile was told to nobody.
            watcher?.invalidateEverything()
            BackgroundThread.run { [weak self] in _ = self?.reload() }
        }
        onReady(grant)
    }

    package func drain() { LockWait.endAll() }

    /// Sees to it that staging gives way where memory is short, and stages what is to be staged ahead.
    private func beginStaging() {
        guard staging != nil else { return }
        pressure = try? MemoryPressure { [weak self] in self?.memoryIsShort($0, isStall: $1) }
        pressure?.start()
        prestage()
        // What became of their sources meanwhile was told to nobody.
        for copy in staging?.all() ?? [] { refresher?.contentChanged(copy) }
    }

    /// Sees to it that the kernel forgets what others change, and that copies follow.
    private func beginWatching(_ grant: Grant) {
        guard let session else { return }
        // Its thread asks the watcher, and begins when that is there.
        defer { refresher?.start() }
        do throws(Errno) {
            if let staging {
                refresher = try StagedRefresher(
                    staging, isToldOfChanges: { [weak self] in self?.watcher?.isToldOfEverything ?? false },
                    refresh: { [weak self] in self?.refreshInUse($0, isCertain: $1) ?? false })
            }
            let watcher = try SourceWatcher(
                table, source: options.source, wanted: options.watch, logger: logger,
                contentChanged: { [weak self] in self?.refresher?.contentChanged($0) },
                isGone: { [weak self] in
                    guard let self, !promoted.isEmpty || staging?.isEmpty == false else { return }
                    let file = SourceFile($0)
                    promoted.isGone(file)
                    staging?.sourceIsGone(file)
                })
            try watcher.start(
                InvalidationSender.Target(
                    notifier: Notifier(device: session.device, protocolMinor: grant.protocolMinor),
                    inFlight: session.inFlight, everyNode: { [table] body in table.forEachKnown { body($0.node) } }))
            self.watcher = watcher
        } catch {
            logger.warning("the source is not watched: \(error.name); what is cached is good for a second")
        }
    }

    /// Ends what runs beside requests.
    package func endWatching() {
        promotions.stop()
        endStaging()
        watcher?.stop()
        refresher?.stop()
        // What mappings that outlive the mount have stored until now.
        for copy in staging?.inUse() ?? [] where copy.isStoredTo.load(ordering: .relaxed) {
            refreshInUse(copy, isCertain: false)
        }
    }

    /// Attributes as programs see them.
    func attributes(of inode: Inode) throws(Errno) -> Attributes {
        try attributes(of: inode) { () throws(Errno) in try inode.status() }
    }

    /// Attributes as programs see them, of what `status` says when it is called.
    func attributes(of inode: Inode, _ status: () throws(Errno) -> stat) throws(Errno) -> Attributes {
        let isWritten = isWritten(inode)
        if !isWritten { inode.isUntold.store(false, ordering: .sequentiallyConsistent) }
        let status = try status()
        return attributes(status, inode, lifetimes(inode, status, in: nil, isWritten: isWritten))
    }

    private func attributes(_ status: stat, _ inode: Inode, _ lifetimes: Lifetimes) -> Attributes {
        var shown = status
        shown.st_ino = ino_t(inode.shownNumber)
        return Attributes(shown, timeout: lifetimes.attributes)
    }

    /// An inode just looked up in `parent`.
    ///
    /// - Parameter isOpenedEmpty: whether it is a file that the same request opens, of no size. Nothing can be stored through a
    ///   mapping of that, and what gives it a size makes the kernel ask again (Linux 6.18 fs/fuse/file.c
    ///   fuse_write_update_attr(), fuse_file_fallocate(); dir.c fuse_do_setattr(), read).
    func entry(_ inode: Inode, _ status: stat, in parent: Inode, isOpenedEmpty: Bool = false) -> Entry {
        let isWritten = isWritten(inode)
        var status = status
        // What has been changed since `status` was read was not told of an inode of which nothing was kept.
        if !isWritten, inode.isUntold.exchange(false, ordering: .sequentiallyConsistent) {
            status = (try? inode.status()) ?? status
        }
        var lifetimes = lifetimes(inode, status, in: parent, isWritten: isWritten)
        if isWritten, isOpenedEmpty { lifetimes.attributes = Lifetimes.opening }
        return Entry(
            node: inode.node, generation: inode.generation, attributes: attributes(status, inode, lifetimes),
            timeout: lifetimes.name)
    }

    private func lifetimes(_ inode: Inode, _ status: stat, in parent: Inode?, isWritten: Bool) -> Lifetimes {
        var lifetimes = watcher?.lifetimes(inode, status, in: parent) ?? .short(inode.type)
        if isWritten { lifetimes.attributes = 0 }
        return lifetimes
    }

    /// Whether attributes may not be kept: a file open for writing may be stored to through a mapping, of which nobody is told.
    private func isWritten(_ inode: Inode) -> Bool {
        inode.type == S_IFREG
            && (inode.isRetired.load(ordering: .relaxed)
                || inode.serving.withLockIfPresent({ $0.writers > 0 }) == true)
    }

    /// Counts something that happened, or an amount of it.
    func count(_ counter: Counter, _ amount: Int = 1) {
        counters.withLock { counters in
            counters[counter, default: 0] += amount
            records?.note(counter, counters[counter, default: 0])
        }
    }
}
