import CLinuxShims
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import Logging
import Synchronization
import SystemPackage

/// What keeps staged copies equal to their sources, and sources complete.
extension FolioFilesystem {
    /// The copy that serves a first open for reading, made where the open asks for it; nil: the source serves it.
    func stagedCopy(_ inode: Inode, _ decision: RouteDecision?, _ descriptor: Int32, _ status: stat) -> StagedCopy? {
        guard let staging, decision?.route == .staged else { return nil }
        // Who writes to it may do so through a mapping, which no copy could follow.
        guard OpenForWrite.ask(FileDescriptor(rawValue: descriptor)) != true else { return nil }
        if let copy = staging.take(inode.identity, descriptor) {
            do throws(Errno) {
                try refresh(copy, descriptor, SourceStamp(status))
                refresher?.began()
                return copy
            } catch {
                staging.release(copy)
                return nil
            }
        }
        let size = Int(status.st_size)
        guard options.route == .staged || (size <= options.stageSyncLimit && isPromotedAtOpen(descriptor, status))
        else { return nil }
        return try? stage(inode.identity, descriptor)
    }

    /// Makes a copy, taken into use.
    func stage(_ identity: FileIdentity, _ descriptor: Int32) throws(Errno) -> StagedCopy {
        guard let staging else { throw .notSupported }
        do throws(Errno) {
            let source = try ProcessFiles.forOwnReads(descriptor)
            let copy = try staging.stage(identity, source: source.descriptor)
            let whole = copy.reserved / router.pmdSize * router.pmdSize
            pmdBytes.withLock { $0[identity] = whole }
            count(.staged)
            refresher?.began()
            return copy
        } catch {
            count(.stagingRefusals)
            logger.info("not staged, served from the source: \(error.name)")
            throw error
        }
    }

    /// Makes a copy in use equal to a source that was changed underneath.
    func refresh(_ copy: StagedCopy, _ descriptor: Int32, _ stamp: SourceStamp) throws(Errno) {
        try copy.lock.withLock { _ throws(Errno) in
            guard copy.state.withLock({ $0 }) != stamp else { return }
            try staging?.grow(copy, to: stamp.size)
            // The open may be write-only: the copy is filled through a descriptor of its own.
            let source = try ProcessFiles.forOwnReads(descriptor)
            try copy.fill(from: source.descriptor, room: copy.reserved)
            count(.refreshed)
        }
    }

    /// Makes a copy in use equal to its source.
    ///
    /// - Parameter isCertain: whether the source was changed, though its state may seem to be the same.
    func refreshInUse(_ copy: StagedCopy, isCertain: Bool) {
        guard let source = copy.source.withLock({ $0 }) else { return }
        do throws(Errno) {
            try copy.lock.withLock { _ throws(Errno) in
                let isStoredTo = copy.isStoredTo.load(ordering: .relaxed)
                if isStoredTo { try copy.writeBack(source.descriptor) }
                let stamp = SourceStamp(try StagedCopy.status(source.descriptor))
                if isStoredTo, copy.state.withLock({ $0 }) == stamp { return }
                guard isCertain || copy.state.withLock({ $0 }) != stamp else { return }
                try staging?.grow(copy, to: stamp.size)
                try copy.fill(from: source.descriptor, room: copy.reserved)
                count(.refreshed)
            }
        } catch {
            logger.notice("a copy in use of \(copy.identity) is out of date: \(error.name)")
        }
    }

    /// The copy of an inode's file that is open or mapped, by way of this inode or of one that it took the place of.
    func copyInUse(_ inode: Inode) -> StagedCopy? {
        guard let staging, inode.type == S_IFREG, !staging.isEmpty else { return nil }
        return staging.copyInUse(inode.identity, SourceFile(inode))
    }

    /// Carries out a change of the source through this mount, and keeps a copy in use in step.
    ///
    /// - Parameter content: whether bytes change, not only attributes.
    func changingSource<Value>(
        _ inode: Inode, content: Bool, _ change: () throws(Errno) -> Value
    ) throws(Errno) -> Value {
        guard !inode.filesystem.isBoundary else { throw .improperLink }
        defer { if inode.isRetired.load(ordering: .relaxed) { tellSuccessor(of: inode) } }
        guard let copy = copyInUse(inode) else { return try change() }
        return try copy.lock.withLock { _ throws(Errno) in
            let before = SourceStamp(try inode.status())
            let value = try change()
            let after = SourceStamp(try inode.status())
            if copy.state.withLock({ $0 }) == before, !content {
                copy.state.withLock { $0 = after }
            } else {
                copy.state.withLock { $0 = nil }
                do throws(Errno) {
                    guard let source = copy.source.withLock({ $0 }) else { return value }
                    try staging?.grow(copy, to: after.size)
                    try copy.fill(from: source.descriptor, room: copy.reserved)
                    count(.refreshed)
                } catch {
                    // The change is made and cannot be taken back.
                    logger.warning("a copy in use of \(copy.identity) is out of date: \(error.name)")
                    refresher?.contentChanged(copy)
                }
            }
            return value
        }
    }

    /// Has the kernel ask again for the attributes of the inode that took the place of one through which a file was changed.
    private func tellSuccessor(of inode: Inode) {
        guard let other = inode.withKey({ table.known($0, on: inode.filesystem) }), other !== inode else { return }
        // Attributes alone are dropped without waiting for a lock, so a request in flight may ask for it.
        session?.invalidate(other.node, offset: -1)
    }

    /// FUSE_WRITE on a file whose staged copy others have open or mapped: the source first, then the copy.
    func mirror(
        _ file: OpenFile, _ copy: StagedCopy, _ request: WriteRequest, _ data: UnsafeRawBufferPointer
    ) throws(Errno) -> Int {
        try copy.lock.withLock { _ throws(Errno) in
            let before = try StagedCopy.status(file.descriptor)
            let offset = try appendOffset(file, request)
            // Room first: a write that the copy could not follow is refused before the source is touched.
            try staging?.grow(copy, to: offset + data.count)
            let written = try write(file, request, data, at: offset)
            let wasEqual = copy.state.withLock { $0 } == SourceStamp(before)
            copy.state.withLock { $0 = nil }
            var done = 0
            while done < written {
                done += try systemCall {
                    pwrite(copy.descriptor, data.baseAddress.map { $0 + done }, written - done, off_t(offset + done))
                }
            }
            if wasEqual {
                let after = SourceStamp(try StagedCopy.status(file.descriptor))
                copy.state.withLock { $0 = after }
            } else {
                refresher?.contentChanged(copy)
            }
            count(.mirroredWrites)
            return written
        }
    }

    static func copy(_ serving: Serving) -> StagedCopy? {
        guard case .passthrough(_, let copy?) = serving.mode else { return nil }
        return copy
    }
}
