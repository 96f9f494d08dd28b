import CLinuxShims
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// When and how the source's own page cache is promoted.
extension FolioFilesystem {
    /// Promotes before a first open for reading is answered, up to the limit; larger files behind it.
    func promoteAtOpen(
        _ inode: Inode, _ serving: inout Serving, _ decision: RouteDecision?, _ descriptor: Int32, _ status: stat
    ) {
        guard let decision, decision.route == .native, decision.promotion != .none, decision.promote == .open else {
            return
        }
        let stamp = SourceStamp(status)
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        // What was promoted a moment ago is not looked at again: a build runs its compiler many times a second.
        if let promoted = serving.promoted, promoted.stamp == stamp, now.tv_sec - promoted.time < 10 { return }
        serving.promoted = (stamp, now.tv_sec)
        let size = Int(status.st_size)
        if size <= router.live.current.policy.stageSyncLimit {
            _ = try? promoteNative(inode.identity, descriptor, size: size, decision.promotion)
            noticeBlocks(inode, descriptor, before: status)
        } else if case let copy = dup(descriptor), copy >= 0 {
            let (identity, promotion) = (inode.identity, decision.promotion)
            BackgroundThread.run { [self] in
                _ = try? promoteNative(identity, copy, size: size, promotion)
                noticeBlocks(inode, copy, before: status)
                close(copy)
            }
        }
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
            BackgroundThread.run { [self] in
                _ = try? promoteNative(
                    identity, file.descriptor, size: Int(status.st_size), decision.promotion)
            }
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
    ///   - progress: called with the bytes done; false ends it.
    /// - Throws: EISDIR and EINVAL for what is no regular file; of staging, what `StagingRefusal.errno` says.
    func promote(
        _ descriptor: Int32, path: [UInt8], shown: String, evicts: Bool = true, progress: (Int) -> Bool
    ) throws(Errno) -> PromotionResult {
        let status = try StagedCopy.status(descriptor)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .invalidArgument
        }
        let began = Self.monotonicSeconds()
        let size = Int(status.st_size)
        let decision = try router.decideInFull(descriptor, status)
        var outcome = Promoter.Outcome(eligibleBytes: size / router.pmdSize * router.pmdSize, pmdBytes: 0)
        switch decision.route {
        case .plain: break
        case _ where decision.promote == .never: break
        case .native:
            outcome = try promoteNative(
                FileIdentity(status), descriptor, size: size, decision.promotion, progress: progress)
        case .staged: outcome.pmdBytes = try promoteStaged(descriptor, evicts: evicts, progress: progress)
        case .fallback:
            let file = DescriptorOwner(try openThroughMount(path))
            outcome = try promoteNative(
                FileIdentity(status), file.descriptor, size: size, decision.promotion, progress: progress)
        }
        return PromotionResult(
            path: shown, route: decision.route.rawValue, bytes: size, eligibleBytes: outcome.eligibleBytes,
            pmdBytes: outcome.pmdBytes, seconds: Self.monotonicSeconds() - began, routeReason: Self.reason(decision))
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

    private func openThroughMount(_ path: [UInt8]) throws(Errno) -> Int32 {
        let whole = Array(options.mountpoint.string.utf8) + [UInt8(ascii: "/")] + path
        return try systemCall {
            (whole.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } ?? -1
            }
        }
    }

    static func monotonicSeconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    /// Promotes the source's own page cache.
    func promoteNative(
        _ identity: FileIdentity, _ descriptor: Int32, size: Int, _ promotion: Promotion,
        progress: (Int) -> Bool = { _ in true }
    ) throws(Errno) -> Promoter.Outcome {
        let promoter = Promoter(pmdSize: router.pmdSize, promotion: promotion)
        let file = try ProcessFiles.forOwnReads(descriptor)
        let outcome = try promoter.promote(file.descriptor, size: size, progress: progress)
        pmdBytes.withLock { $0[identity] = outcome.pmdBytes }
        count(.promotions)
        count(.promotedBytes, outcome.pmdBytes)
        return outcome
    }
}
