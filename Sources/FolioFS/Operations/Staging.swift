import CLinuxShims
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import Logging
import Synchronization
import SystemPackage

/// What makes staged copies, for opens and beside them.
extension FolioFilesystem {
    /// The copy that serves a first open for reading, taken into use, made where the open asks for it; nil: the source serves it.
    ///
    /// The inode's `serving` is not locked: stats and opens of the file that want no copy do not wait for it.
    ///
    /// - Throws: why there is none though the policy wants one; it has been counted and logged.
    func stagedCopy(
        _ inode: Inode, _ decision: RouteDecision?, _ descriptor: Int32, _ status: stat
    ) throws(StagingRefusal) -> StagedCopy? {
        guard let staging, decision?.route == .staged else { return nil }
        let (identity, stamp) = (inode.identity, SourceStamp(status))
        do throws(StagingRefusal) {
            guard !staging.isResting(identity) else { throw .changing }
            // Who writes to it may do so through a mapping, which no copy could follow.
            guard OpenForWrite.ask(FileDescriptor(rawValue: descriptor)) != true else { throw .openForWriting }
            if staging.has(identity, stamp), let copy = try staging.take(identity, descriptor) {
                if copy.stamp == stamp {
                    refresher?.began()
                    return copy
                }
                staging.release(copy)
            }
            return try staging.alone(identity, isRequest: true) { () throws(StagingRefusal) in
                if let copy = try takeUpToDate(identity, descriptor, stamp) { return copy }
                guard decision?.promote == .open else { return nil }
                guard try isStagedSoon(descriptor, size: Int(status.st_size)) else {
                    stager.stage(descriptor, identity)
                    throw .busy
                }
                return try stage(identity, descriptor, isTaken: true)
            }
        } catch {
            refused(identity, error)
            throw error
        }
    }

    /// Whether what has to be copied is little enough for an open to wait for it.
    private func isStagedSoon(_ descriptor: Int32, size: Int) throws(StagingRefusal) -> Bool {
        let limit = router.live.current.policy.stageSyncLimit
        if size <= limit { return true }
        return try StagedCopy.refusing { () throws(Errno) in
            let file = try ProcessFiles.forOwnReads(descriptor)
            let layout = try DataLayout.read(file.descriptor, size: size, chunkSize: router.pmdSize)
            return layout.dataBytes <= limit
        }
    }

    /// The copy of a file, taken into use and equal to its source; nil: there is none.
    private func takeUpToDate(
        _ identity: FileIdentity, _ descriptor: Int32, _ stamp: SourceStamp
    ) throws(StagingRefusal) -> StagedCopy? {
        guard let copy = try staging?.take(identity, descriptor) else { return nil }
        do throws(Errno) {
            try refresh(copy, descriptor, stamp)
            refresher?.began()
            return copy
        } catch {
            staging?.release(copy)
            throw error == .resourceTemporarilyUnavailable ? .changing : error == .noSpace ? .noRoom : .failed(error)
        }
    }

    /// Makes a copy.
    private func stage(
        _ identity: FileIdentity, _ descriptor: Int32, isTaken: Bool, evicts: Bool = true,
        progress: (Int) throws(StagingRefusal) -> Void = { (_: Int) throws(StagingRefusal) in }
    ) throws(StagingRefusal) -> StagedCopy {
        guard let staging else { throw .failed(.notSupported) }
        let source = try StagedCopy.refusing { () throws(Errno) in try ProcessFiles.forOwnReads(descriptor) }
        let copy = try staging.stage(
            identity, source: source.descriptor, isTaken: isTaken, evicts: evicts, progress: progress)
        do throws(Errno) {
            try StagingStep.published.done()
        } catch {
            staging.discard(copy)
            throw .failed(error)
        }
        promoted.saw(copy.layout.dataBytes / router.pmdSize * router.pmdSize, of: identity)
        count(.staged)
        if isTaken { refresher?.began() }
        return copy
    }

    /// Sees to it that a file has a copy that equals it, which nobody need have open.
    ///
    /// - Parameters:
    ///   - evicts: whether copies that nobody has open may go for it.
    ///   - progress: called with the bytes done of the file's size.
    /// - Returns: bytes that a mapping of the copy maps by PMDs.
    @discardableResult
    func stageAhead(
        _ descriptor: Int32, evicts: Bool, progress: (Int) throws(StagingRefusal) -> Void
    ) throws(StagingRefusal) -> Int {
        guard let staging else { throw .failed(.notSupported) }
        let status = try StagedCopy.refusing { () throws(Errno) in try StagedCopy.status(descriptor) }
        let identity = FileIdentity(status)
        do throws(StagingRefusal) {
            return try staging.alone(identity, isRequest: false) { () throws(StagingRefusal) in
                if let there = try takeUpToDate(identity, descriptor, SourceStamp(status)) {
                    defer { staging.release(there) }
                    return try seen(there)
                }
                return try seen(
                    stage(identity, descriptor, isTaken: false, evicts: evicts, progress: progress))
            }
        } catch {
            refused(identity, error)
            throw error
        }
    }

    /// Stages a file behind, for its next open.
    func stageBehind(_ descriptor: Int32) {
        do throws(StagingRefusal) {
            try stageAhead(descriptor, evicts: true) { (_: Int) throws(StagingRefusal) in
                if stager.isStopped { throw .cancelled }
            }
            count(.stagedBehind)
        } catch {
            // It has been counted, with the reason.
        }
    }

    /// Ends what stages beside requests.
    func endStaging() {
        stager.stop()
        pressure?.stop()
    }

    private func seen(_ copy: StagedCopy) throws(StagingRefusal) -> Int {
        let promoter = Promoter(pmdSize: router.pmdSize, promotion: .none)
        return try StagedCopy.refusing { () throws(Errno) in
            try promoter.promote(copy.descriptor, size: copy.layout.size).pmdBytes
        }
    }

    private func refused(_ identity: FileIdentity, _ refusal: StagingRefusal) {
        guard let counter = refusal.counter else { return }
        count(.stagingRefusals)
        count(counter)
        logger.info("\(identity) is not staged, and served from the source: \(refusal.reason)")
    }

    /// Memory may be short: copies that nobody has open go, as many as are missing, and where tasks stall half of them at least.
    /// None are made for a while.
    func memoryIsShort(_ teller: String, isStall: Bool) {
        guard let staging else { return }
        let missing = -MemoryHeadroom.bytes()
        guard isStall || missing > 0 else { return }
        staging.pause(4000)
        let wanted = max(isStall ? staging.unopenedBytes / 2 : 0, missing, 1)
        let given = staging.shrink(by: wanted)
        guard given > 0 else { return }
        count(.shrunk)
        count(.shrunkBytes, given)
        let stays = staging.usage.reserved >> 20
        logger.warning(
            "memory is short (\(teller)): staged copies of \(given >> 20) MiB thrown out, of \(stays) MiB kept")
    }

    static func copy(_ serving: Serving) -> StagedCopy? {
        guard case .passthrough(_, let copy?) = serving.mode else { return nil }
        return copy
    }
}
