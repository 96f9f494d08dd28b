import CLinuxShims
import FolioPolicy
package import FuseServer
import Glibc
import LinuxFacts
import Logging
import Synchronization
package import SystemPackage

/// FUSE_OPEN, FUSE_RELEASE: where the route of a file takes effect.
extension FolioFilesystem {
    package func open(_ request: OpenRequest) throws(Errno) -> OpenReply {
        let inode = table[request.node]
        let kept = request.flags & (O_ACCMODE | O_TRUNC | O_SYNC | O_DSYNC)
        func open(_ flags: Int32) throws(Errno) -> Int32 {
            do throws(Errno) {
                return try inode.open(flags | O_NONBLOCK)
            } catch {
                // What is append-only (chattr +a) wants O_APPEND; otherwise the kernel keeps the place of each write.
                guard error == .notPermitted, request.flags & O_APPEND != 0 else { throw error }
                return try inode.open(flags | O_NONBLOCK | O_APPEND)
            }
        }
        let file = DescriptorOwner(try open(kept & ~O_TRUNC))
        if kept & O_TRUNC != 0 {
            // Neither O_RDONLY nor the access mode 3, which is for ioctl(2) only, gives a descriptor that ftruncate(2) takes.
            let isWritable = [O_WRONLY, O_RDWR].contains(kept & O_ACCMODE)
            let target = isWritable ? file : DescriptorOwner(try open(O_WRONLY))
            try changingSource(inode, content: true) { () throws(Errno) in
                try once { (earlier: Intent) throws(Errno) in
                    let status = try StagedCopy.status(target.descriptor)
                    return status.st_size == 0
                        && earlier.mayPrecede(
                            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
                } change: { () throws(Errno) in
                    try truncate(target.descriptor, 0, killsPrivileges: request.killsPrivileges, request.caller)
                }
            }
        }
        let status = try StagedCopy.status(file.descriptor)
        return try serve(
            inode, file.take(), status, flags: request.flags, isExecute: request.isExecute, request.caller)
    }

    package func release(_ request: ReleaseRequest) {
        guard let file = HeldFile.release(request.handle, records) else { return }
        // Before its descriptor is closed, which goes with it.
        defer { withExtendedLifetime(file) { records?.handles.end(request.handle) } }
        // The backing file shares the descriptor's description, and would keep its lock.
        if request.lockOwner != nil { file.unlock() }
        let inode = table[request.node]
        OpenState.released(file)
        releaseLocks(through: request.handle, inode)
        inode.serving.withLock { serving in
            serving.opens -= 1
            if file.isWritable {
                serving.writers -= 1
                if serving.writers == 0 { promoteAfterWriters(inode, serving) }
            }
            guard serving.opens == 0 else { return }
            if case .passthrough(let backing, let copy) = serving.mode {
                session?.closeBacking(backing)
                if let copy { staging?.release(copy) }
            }
            serving.mode = .idle
            serving.sentAway = nil
            watcher?.closed(inode)
        }
    }

    /// Answers an open with the descriptor that was opened for it, which then belongs to the handle.
    func serve(
        _ inode: Inode, _ descriptor: Int32, _ status: stat, flags: Int32, isExecute: Bool, isNew: Bool = false,
        _ caller: Caller
    ) throws(Errno) -> OpenReply {
        let owner = DescriptorOwner(descriptor)
        let writable = flags & O_ACCMODE != O_RDONLY
        // What takes time is done before the inode is locked, which whoever asks for its attributes waits for.
        var prepared = try prepare(
            inode, descriptor, status, flags, isExecute: isExecute, caller)
        defer { if let copy = prepared.copy { staging?.release(copy) } }
        if !writable, let decision = prepared.decision { promoteAtOpen(inode, decision, descriptor, status, caller) }
        return try inode.serving.withLock { serving throws(Errno) in
            var decision = prepared.decision
            if decision == nil {
                decision = try decide(
                    inode, &serving, descriptor, status, writable: writable, isExecute: isExecute, caller)
            }
            if serving.opens > 0, Self.copy(serving) != nil {
                if writable, serving.sentAway != caller.process {
                    // A copy is no place to store to through a mapping.
                    throw sendAway(inode, &serving, status, caller)
                }
                if let failure = prepared.failure {
                    // It cannot have the copy as it is, and the others keep it.
                    guard serving.sentAway != caller.process else { throw failure }
                    count(.bypassed)
                    throw sendAway(inode, &serving, status, caller)
                }
                if flags & O_ACCMODE == O_RDWR, !prepared.isReadyForStores {
                    throw sendAway(inode, &serving, status, caller)
                }
            }
            if serving.opens == 0 {
                serving.mode = begin(
                    inode, decision, descriptor, status, writable: writable, copy: &prepared.copy)
                serving.refusal = prepared.refusal
            }
            var reply = OpenReply(handle: HandleID(rawValue: 0))
            var kind = OpenFile.Kind.source
            switch serving.mode {
            case .passthrough(let backing, let copy):
                reply.backing = backing
                reply.flags = .passthrough
                if writable, let mirror = copy ?? copyInUse(inode) {
                    // Reads and writes come here, mappings go to the backing file.
                    kind = .mirrored(mirror)
                    reply.flags.insert(.directIO)
                    serving.sentAway = nil
                } else if isExecute, decision?.alignedExec == true {
                    let file = try ProcessFiles.forOwnReads(descriptor)
                    let patches = AlignedProgramHeaders.patches(
                        file.descriptor, fileSize: Int(status.st_size), pmdSize: router.pmdSize)
                    if !patches.isEmpty {
                        kind = .alignedExec(patches)
                        reply.flags.insert(.directIO)
                        count(.alignedExecs)
                    }
                }
            case .cached, .idle:
                inode.isUntold.store(false, ordering: .sequentiallyConsistent)
                let stamp = SourceStamp(status)
                if serving.cachedStamp == stamp { reply.flags.insert(.keepCache) }
                serving.cachedStamp = stamp
                if writable, let mirror = copyInUse(inode) { kind = .mirrored(mirror) }
            }
            // A close of what was only read changes nothing but record locks, nor does one of a new file on most filesystems.
            if !serving.isRecordLocked, !writable || isNew && Self.closesInSilence(inode, serving) {
                reply.flags.insert(.noFlush)
            }
            if serving.opens == 0 {
                watcher?.opened(inode, descriptor)
                if serving.promoted != nil, let decision { promotions.watch(PromotionTask(inode, decision)) }
            }
            serving.opens += 1
            if writable { serving.writers += 1 }
            let file = HeldFile(
                inode, owner.take(), flags: flags, kind: kind, tellsCloses: !reply.flags.contains(.noFlush),
                isBacked: reply.backing != nil, records: records)
            do throws(Errno) {
                reply.handle = try file.handle(reply.backing, Self.copy(serving))
            } catch {
                serving.opens -= 1
                if writable { serving.writers -= 1 }
                throw error
            }
            OpenState.opened(file)
            return reply
        }
    }

    /// What is ready before an open is decided on.
    private struct Preparation {
        /// The policy's word, where it was asked; nil: it has yet to be.
        var decision: RouteDecision?
        /// A copy that equals the source, taken into use.
        var copy: StagedCopy?
        /// Why there is no copy though the policy wants one.
        var refusal: StagingRefusal?
        /// Whether what is stored to the copy that the inode is served by will be told from what the source has.
        var isReadyForStores = false
        /// Why the copy that the inode is served by could not be made equal to the source.
        var failure: Errno?
    }

    /// Brings the copy that the inode is served by up to date, or takes one where the policy wants that.
    private func prepare(
        _ inode: Inode, _ descriptor: Int32, _ status: stat, _ flags: Int32, isExecute: Bool, _ caller: Caller
    ) throws(Errno) -> Preparation {
        let writable = flags & O_ACCMODE != O_RDONLY
        guard router.live.concerns(size: Int(status.st_size)) || staging?.isEmpty == false else {
            return Preparation()
        }
        var prepared = Preparation()
        let (copy, isOpen, isBack) = try inode.serving.withLock { serving throws(Errno) in
            if serving.opens == 0 {
                prepared.decision = try decide(
                    inode, &serving, descriptor, status, writable: writable, isExecute: isExecute, caller)
            }
            return (Self.copy(serving), serving.opens > 0, serving.sentAway == caller.process)
        }
        if let copy {
            do throws(Errno) {
                try refresh(copy, descriptor, SourceStamp(status))
                if isBack, flags & O_ACCMODE == O_RDWR {
                    try copy.beginStores()
                    prepared.isReadyForStores = true
                    refresher?.began()
                }
            } catch {
                prepared.failure = error
            }
        } else if !isOpen, !writable, router.passthroughGranted {
            do throws(StagingRefusal) {
                prepared.copy = try stagedCopy(inode, prepared.decision, descriptor, status)
            } catch {
                prepared.refusal = error
            }
        }
        return prepared
    }

    /// Has the kernel look the name of an inode up again, and find another one for the file, which the source itself backs: an inode
    /// has one backing file at a time. It does so after ESTALE (Linux 6.18 fs/namei.c do_filp_open()). Who comes back with this
    /// one has no name: /proc/self/fd.
    ///
    /// - Returns: ESTALE, to be thrown.
    private func sendAway(_ inode: Inode, _ serving: inout Serving, _ status: stat, _ caller: Caller) -> Errno {
        serving.sentAway = caller.process
        staging?.rest(inode.identity)
        table.retire(inode)
        session?.invalidate(inode.node, offset: -1)
        // Its other names would lead to this inode for as long as they are kept.
        if status.st_nlink > 1 { watcher?.expireAllNames() }
        return .staleNFSFileHandle
    }

    /// Whether closing a file open for writing leaves nothing to be written and no error to be told.
    private static func closesInSilence(_ inode: Inode, _ serving: Serving) -> Bool {
        guard case .passthrough(_, nil) = serving.mode else { return false }
        return !inode.filesystem.mayWriteAtClose
    }

    /// The policy's word on a file; nil: too small for any rule, served plain.
    private func decide(
        _ inode: Inode, _ serving: inout Serving, _ descriptor: Int32, _ status: stat, writable: Bool, isExecute: Bool,
        _ caller: Caller
    ) throws(Errno) -> RouteDecision? {
        guard router.live.concerns(size: Int(status.st_size)) else { return nil }
        let opening = opening(&serving, isExecute: isExecute)
        let stamp = SourceStamp(status)
        if let known = serving.decision, known.stamp == stamp, known.opening == opening { return known.route }
        // A write-only descriptor cannot be read for an ELF image's magic; the mode bits then decide alone.
        let choice = router.decide(descriptor, status, opening)
        if choice.isNameless, status.st_nlink > 0, serving.sentAway != caller.process {
            // Looked up again (see `sendAway`), it has its name again. Who has come by none, comes back without.
            serving.sentAway = caller.process
            throw .staleNFSFileHandle
        }
        if let question = choice.question {
            ask(question, inode.identity, descriptor, status, served: choice.route, writable: writable)
        } else if !writable {
            serving.decision = (stamp, opening, choice.route)
        }
        return choice.route
    }

    /// What of this open rules ask for.
    private func opening(_ serving: inout Serving, isExecute: Bool) -> Opening {
        let current = router.live.current
        var opening = Opening(edition: current.number)
        if current.rules.needs.contains(.exec) { opening.exec = isExecute }
        if let most = current.rules.heats.map(\.opens).max() {
            let now = Int(MonotonicClock.seconds())
            serving.openTimes.opened(at: now, keeping: most)
            opening.heats = Set(current.rules.heats.filter { serving.openTimes.reach($0, at: now) })
        }
        return opening
    }

    /// The mode for a first open.
    private func begin(
        _ inode: Inode, _ decision: RouteDecision?, _ descriptor: Int32, _ status: stat, writable: Bool,
        copy prepared: inout StagedCopy?
    ) -> Serving.Mode {
        let route = decision?.route ?? .plain
        var taken = route
        defer {
            firstOpens.withLock { $0.count(taken, decision?.choice) }
            count(.opens)
        }
        guard router.passthroughGranted, route != .fallback, let session else {
            if route != .fallback { taken = .plain }
            return .cached
        }
        if let copy = prepared, staging?.isResting(inode.identity) == false {
            prepared = nil
            do throws(Errno) {
                let backing = try session.openBacking(FileDescriptor(rawValue: copy.descriptor))
                do throws(Errno) {
                    try StagingStep.backed.done()
                } catch {
                    session.closeBacking(backing)
                    throw error
                }
                taken = .staged
                return .passthrough(backing, copy: copy)
            } catch {
                logger.warning("cannot back \(inode.identity) by a staged copy: \(error.name)")
                staging?.discard(copy)
            }
        }
        if route == .staged { taken = .plain }
        do throws(Errno) {
            return .passthrough(try session.openBacking(FileDescriptor(rawValue: descriptor)), copy: nil)
        } catch {
            logger.debug("no passthrough: \(error.name)")
            taken = .plain
            return .cached
        }
    }
}
