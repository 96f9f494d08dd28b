import CLinuxShims
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// When and how the source's own page cache is promoted.
extension FolioFilesystem {
    /// Promotes what an open for reading asks for, before the file is served: up to the limit before the answer, what is larger, and
    /// what goes through the mount, behind it. No lock is held meanwhile, so no other request waits for it.
    func promoteAtOpen(
        _ inode: Inode, _ decision: RouteDecision, _ descriptor: Int32, _ status: stat, _ caller: Caller
    ) {
        guard decision.promotion != .none, [.native, .fallback].contains(decision.route),
            decision.promote == .open || decision.promote != .never && promoted.wasAskedFor(inode.identity),
            // The worker's own open of what goes through the mount asks for nothing.
            !promotions.isWorker(caller.process), claimPromotion(inode, SourceStamp(status))
        else { return }
        let task = PromotionTask(inode, decision)
        guard decision.route == .native, Int(status.st_size) <= router.live.current.policy.stageSyncLimit else {
            promotions.add(task)
            return
        }
        _ = try? carryOut(task, descriptor, with: PromotionProcess(), isAwaited: true)
        noticeBlocks(inode, descriptor, before: status)
    }

    /// Whether a file that is being opened is to be promoted now; who is told so has to do it.
    private func claimPromotion(_ inode: Inode, _ stamp: SourceStamp) -> Bool {
        inode.serving.withLock { serving in
            guard serving.opens == 0, !promotions.isPending(inode.identity) else { return false }
            let now = Int(MonotonicClock.seconds())
            // What was promoted a moment ago is not looked at again: a build runs its compiler many times a second.
            if let promoted = serving.promoted, promoted.stamp == stamp, now - promoted.time < 10 {
                return false
            }
            serving.promoted = (stamp, now)
            return true
        }
    }

    /// Has a file that was promoted looked at again once nobody writes to it any more: its new chunks, and on kernels with
    /// READ_ONLY_THP_FOR_FS all, since an open for writing drops the huge folios.
    func promoteAfterWriters(_ inode: Inode, _ serving: Serving) {
        guard serving.promoted != nil, let decision = serving.decision?.route, decision.promotion != .none else {
            return
        }
        promotions.add(PromotionTask(inode, decision))
    }

    /// Has a native plugin asked about a file that is being opened, and promotes the source's page cache where its answer
    /// wants that and `served` does not.
    func ask(
        _ question: PluginAsker.Question, _ identity: FileIdentity, _ descriptor: Int32, _ status: stat,
        served: RouteDecision, writable: Bool
    ) {
        // The descriptor of a writer would go on writing after its close.
        let promotes =
            !writable && router.passthroughGranted && served.promotion == .none && served.promote == .open
        let file = promotes ? DescriptorOwner(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) : nil
        router.ask(question) { [weak self] decision in
            guard let self, let file, file.descriptor >= 0, decision.route == .native, decision.promotion != .none
            else { return }
            promotions.add(PromotionTask(identity, file, decision))
        }
    }

    /// A huge folio of shmem fills the holes in its range, of which nobody else tells the kernel.
    private func noticeBlocks(_ inode: Inode, _ descriptor: Int32, before: stat) {
        guard let after = try? StagedCopy.status(descriptor), after.st_blocks != before.st_blocks else { return }
        watcher?.invalidate(inode.node, data: false)
    }

    /// Promotes one file of the source by the route the policy gives it, because somebody asks.
    ///
    /// - Parameters:
    ///   - path: below the source, for a route that goes through the mount.
    ///   - shown: the path for a person.
    ///   - evicts: whether staged copies that nobody has open may go for it.
    ///   - waits: whether somebody waits for what comes of it; else it is begun at the latest when this returns.
    ///   - progress: called with the bytes done; false ends it.
    /// - Throws: EISDIR and EINVAL for what is no regular file; of staging, what `StagingRefusal.errno` says.
    func promote(
        _ descriptor: Int32, path: [UInt8], shown: String, waits: Bool, evicts: Bool = true, progress: (Int) -> Bool
    ) throws(Errno) -> PromotionResult {
        let status = try StagedCopy.status(descriptor)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .invalidArgument
        }
        let began = MonotonicClock.seconds()
        let size = Int(status.st_size)
        let decision = try router.decideInFull(descriptor, status)
        var outcome = PromotionOutcome()
        outcome.eligibleBytes = size / router.pmdSize * router.pmdSize
        switch decision.route {
        case .plain: break
        case _ where decision.promote == .never: break
        case .native, .fallback:
            let identity = FileIdentity(status)
            let file = try ProcessFiles.forOwnReads(descriptor)
            let task = PromotionTask(identity, file, decision, path: path)
            promoted.ask(for: identity, SourceFile(file.descriptor))
            if waits {
                outcome = try carryOut(
                    task, file.descriptor, with: PromotionProcess(), isAwaited: true, progress: progress)
            } else {
                promotions.add(task)
            }
        case .staged: outcome.pmdBytes = try promoteStaged(descriptor, evicts: evicts, progress: progress)
        }
        return PromotionResult(
            path: shown, route: decision.route.rawValue, bytes: size, eligibleBytes: outcome.eligibleBytes,
            pmdBytes: outcome.pmdBytes, refused: outcome.refused, seconds: MonotonicClock.seconds() - began,
            routeReason: Self.reason(decision))
    }

    private static func reason(_ decision: RouteDecision) -> String {
        guard decision.promote == .never, let rule = decision.choice.promoteRule else { return decision.reason }
        return "the rule \(rule.name) (\(rule.place)) says never to promote it; \(decision.reason)"
    }

    /// Stages a file ahead of its first open.
    private func promoteStaged(
        _ descriptor: Int32, evicts: Bool, progress: (Int) -> Bool
    ) throws(Errno) -> Int {
        do throws(StagingRefusal) {
            return try stageAhead(descriptor, evicts: evicts) { (done: Int) throws(StagingRefusal) in
                if !progress(done) { throw .cancelled }
            }
        } catch {
            throw error.errno
        }
    }

    /// Promotes a file behind: what the queue's thread does with a task.
    ///
    /// - Returns: whether something was gained by it.
    func promoteBehind(_ task: PromotionTask, with process: PromotionProcess) -> Bool {
        guard let file = try? task.open(), let before = try? StagedCopy.status(file.descriptor) else { return false }
        let outcome = try? carryOut(task, file.descriptor, with: process, isAwaited: false)
        if case .inode(let inode) = task.file { noticeBlocks(inode, file.descriptor, before: before) }
        return outcome.map { $0.pmdBytes > $0.foundBytes } ?? false
    }

    /// Promotes a file that `descriptor` has open, by a process of its own where there is something to be done.
    private func carryOut(
        _ task: PromotionTask, _ descriptor: Int32, with process: PromotionProcess, isAwaited: Bool,
        progress: (Int) -> Bool = { _ in true }
    ) throws(Errno) -> PromotionOutcome {
        let file = try ProcessFiles.forOwnReads(descriptor)
        let status = try StagedCopy.status(file.descriptor)
        var outcome = PromotionOutcome()
        if task.decision.route == .native {
            outcome = try Promoter(pmdSize: router.pmdSize, promotion: .none)
                .promote(file.descriptor, size: Int(status.st_size))
        }
        if task.decision.route == .fallback || outcome.pmdBytes < outcome.eligibleBytes {
            let job = try job(task, descriptor, isAwaited: isAwaited)
            outcome = try promotions.running(process, task.identity) { () throws(Errno) in
                try process.run(job, file: job.path == nil ? file.descriptor : nil, progress: progress)
            }
        }
        take(outcome, of: task.identity, SourceFile(file.descriptor))
        return outcome
    }

    /// - Throws: ENOENT where a file that has to be opened through the mount has no name below the source.
    private func job(_ task: PromotionTask, _ descriptor: Int32, isAwaited: Bool) throws(Errno) -> PromotionJob {
        var job = PromotionJob(
            promotion: task.decision.promotion.rawValue, pmdSize: router.pmdSize, isAwaited: isAwaited,
            rate: options.promotionRate, memoryShare: options.promotionMemory)
        guard task.decision.route == .fallback else { return job }
        guard let path = task.path ?? pathBelowSource(descriptor), let device = mountDevice else {
            throw .noSuchFileOrDirectory
        }
        job.path = Array(options.mountpoint.string.utf8) + [UInt8(ascii: "/")] + path
        job.device = device.description
        job.inode = task.identity.inode
        return job
    }

    /// Counts what came of a promotion.
    private func take(_ outcome: PromotionOutcome, of identity: FileIdentity, _ file: SourceFile?) {
        let before = promoted.saw(outcome.pmdBytes, of: identity, file)
        let lost = max(0, before - outcome.foundBytes)
        let gained = outcome.pmdBytes - outcome.foundBytes
        if lost > 0 {
            count(.demotions)
            count(.demotedBytes, lost)
        }
        if gained > 0 {
            count(lost > 0 ? .repairs : .promotions)
            count(lost > 0 ? .repairedBytes : .promotedBytes, gained)
        }
        for (reason, bytes) in outcome.refused { count(Counter(refused: reason), bytes / router.pmdSize) }
        if outcome.pauses > 0 { count(.promotionPauses, outcome.pauses) }
    }

    /// What is served, as the mount table has it: to ask for it by stat(2) would be to ask this server. nil: it is mounted no more.
    private var mountDevice: DeviceNumber? {
        ((try? MountTable.read().mounts) ?? []).last { $0.mountpoint == options.mountpoint }?.device
    }

    /// The path of an open file below the source, as bytes.
    private func pathBelowSource(_ descriptor: Int32) -> [UInt8]? {
        let prefix = options.source.string == "/" ? "/" : options.source.string + "/"
        guard let path = ProcessFiles.target(descriptor), path.starts(with: prefix.utf8) else { return nil }
        return Array(path.dropFirst(prefix.utf8.count))
    }
}
