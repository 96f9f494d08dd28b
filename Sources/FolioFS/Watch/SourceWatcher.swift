import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import Logging
import Synchronization
import SystemPackage

/// Sees what others change in the source, and has the kernel forget what it knows of it.
///
/// Changes are collected for at most `collecting` milliseconds: the first after a pause is passed on at once.
final class SourceWatcher: @unchecked Sendable {
    /// How long changes are collected before they are passed on, in milliseconds.
    private static let collecting = 5
    let table: InodeTable
    let wanted: WatchMethod
    let fanotify: Result<FanotifyGroup, Errno>
    let inotify: Result<InotifyDirectories, Errno>
    private let source: FilePath
    private let logger: Logger
    private let wake: WakeUp
    private let ended: WakeUp
    private let stopped = Atomic(false)
    private let canExpireAllNames = Atomic(false)
    private let sender = LockedState<InvalidationSender?>(nil)
    /// What is known of each filesystem, by its index in the table.
    let watched = LockedState<[UInt16: WatchedFilesystem]>([:])
    /// Called with each file whose bytes others changed, from the thread that reads events; nil: any may have changed.
    private let contentChanged: (FanotifyEvent.File?) -> Void
    /// Called with each file that is gone, whoever removed it, from the same thread.
    private let isGone: (FanotifyEvent.File) -> Void
    let events = Atomic(0)
    let overflows = Atomic(0)

    /// - Parameters:
    ///   - source: where the source is in the mount table.
    ///   - wanted: the best method that may be used.
    init(
        _ table: InodeTable, source: FilePath, wanted: WatchMethod, logger: Logger,
        contentChanged: @escaping (FanotifyEvent.File?) -> Void, isGone: @escaping (FanotifyEvent.File) -> Void
    ) throws(Errno) {
        self.table = table
        self.source = source
        self.wanted = wanted
        self.logger = logger
        self.contentChanged = contentChanged
        self.isGone = isGone
        wake = try WakeUp()
        ended = try WakeUp()
        fanotify = Result { () throws(Errno) in try FanotifyGroup() }
        inotify = Result { () throws(Errno) in try InotifyDirectories() }
        if let directories = try? inotify.get() {
            table.directoryIsForgotten = { directories.forget($0) }
        }
    }

    /// Whether the kernel can be told to forget every name; known once it has begun.
    var expiresAllNames: Bool { canExpireAllNames.load(ordering: .relaxed) }

    // MARK: Beginning and end

    /// Begins to read events and to pass them on.
    func start(_ target: InvalidationSender.Target) throws(Errno) {
        canExpireAllNames.store(target.notifier.expiresAllNames, ordering: .relaxed)
        let sender = try InvalidationSender(target)
        self.sender.withLock { $0 = sender }
        sender.start()
        beginRoot()
        BackgroundThread.run { [self] in
            run()
            ended.signal()
        }
    }

    /// Ends the threads, and waits until they have.
    func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        wake.signal()
        _ = ended.isSignalled(within: 2000)
        sender.withLock { $0?.stop() }
    }

    /// Has the kernel forget something that was found out otherwise.
    func invalidate(_ node: NodeID, data: Bool) {
        var changes = Invalidations()
        changes.add(node, data: data)
        sender.withLock { $0 }?.send(changes)
    }

    /// Has the kernel look up every name again, where it can be told so; it has been when this returns.
    func expireAllNames() { sender.withLock { $0 }?.expireAllNames() }

    /// Has the kernel forget whatever it keeps.
    func invalidateEverything() {
        var changes = Invalidations()
        changes.everything = true
        sender.withLock { $0 }?.send(changes)
    }

    /// Notifications sent so far.
    var sentCount: Int { sender.withLock { $0?.sent } ?? 0 }

    // MARK: Reading events

    private func run() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 8)
        defer { buffer.deallocate() }
        let descriptors = [try? fanotify.get().descriptor, try? inotify.get().descriptor].compactMap { $0 }
        var busy = BusyFiles()
        var looked = 0
        var mounts = MountsInside(source)
        while !stopped.load(ordering: .sequentiallyConsistent) {
            let mountsChanged = wake.wait(
                descriptors, mounts: mounts.descriptor, milliseconds: busy.isEmpty ? nil : BusyFiles.interval)
            var changes = Invalidations()
            var wasTold = false
            if mountsChanged { changes.allNames = mounts.haveChanged() }
            do throws(Errno) {
                if let group = try? fanotify.get() {
                    wasTold = try readAll(group, buffer, &busy, &changes)
                    let now = MonotonicClock.milliseconds()
                    if !busy.isEmpty, now - looked >= BusyFiles.interval {
                        looked = now
                        busy.look(group) { file in
                            contentChanged(file)
                            for node in nodes(file) { changes.add(node, data: true) }
                        }
                    }
                }
                if let directories = try? inotify.get() {
                    while try directories.read(into: buffer, &changes) {}
                }
            } catch {
                fail(error)
                return
            }
            if changes.everything {
                overflows.add(1, ordering: .relaxed)
                contentChanged(nil)
            }
            if !changes.isEmpty { sender.withLock { $0 }?.send(changes) }
            // What comes meanwhile is taken together: the kernel merges what concerns one file, and this thread is not woken
            // for each thing that the mount itself changes.
            if wasTold || !changes.isEmpty { wake.wait(milliseconds: Self.collecting) }
        }
    }

    /// - Returns: whether there was any event.
    private func readAll(
        _ group: FanotifyGroup, _ buffer: UnsafeMutableRawBufferPointer, _ busy: inout BusyFiles,
        _ changes: inout Invalidations
    ) throws(Errno) -> Bool {
        let own = getpid()
        let second = MonotonicClock.milliseconds() / 1000
        var wasTold = false
        while true {
            let any = try group.read(into: buffer) { event in
                events.add(1, ordering: .relaxed)
                if event.isOfRemovedFile, let file = event.file { isGone(file) }
                // What this mount changes itself the kernel knows already.
                guard event.process != own || event.isOverflow || isKnownTwice(event) else { return }
                changes.add(event) { nodes($0) }
                guard event.changesContent, let file = event.file else { return }
                contentChanged(file)
                if event.mask & UInt64(FOLIO_FAN_MODIFY) != 0, let mount = mount(of: file) {
                    busy.count(file, at: second, mount: mount, group: group)
                }
            }
            guard any else { return wasTold }
            wasTold = true
        }
    }

    /// The nodes of a file, one for each mount of its filesystem in the source, of which the kernel may keep something.
    private func nodes(_ file: FanotifyEvent.File) -> [NodeID] {
        table.known(handleType: file.type, handle: file.bytes, filesystem: file.fsid)
            .compactMap { $0.isUntold.load(ordering: .sequentiallyConsistent) ? nil : $0.node }
    }

    /// Whether its filesystem is mounted more than once in the source: then a file is a node for each mount, and what is
    /// changed through one is news to the others.
    private func isKnownTwice(_ event: FanotifyEvent) -> Bool {
        guard let id = (event.file ?? event.directory)?.fsid else { return false }
        return table.filesystems.withLock { filesystems in
            filesystems.count > 1 && filesystems.count(where: { $0.id == id }) > 1
        }
    }

    private func mount(of file: FanotifyEvent.File) -> Int32? {
        table.filesystems.withLock { $0.first { $0.id == file.fsid && $0.opensHandles }?.descriptor }
    }

    /// Events cannot be read any more: nothing is kept for long from now on.
    private func fail(_ error: Errno) {
        logger.error("the source is watched no longer: \(error.name); what is cached is good for a second")
        watched.withLock { watched in
            for index in watched.keys {
                watched[index] = WatchedFilesystem(.timeouts, "reading events failed: \(error.name)")
            }
        }
        var changes = Invalidations()
        changes.everything = true
        sender.withLock { $0 }?.send(changes)
    }
}
