import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import Logging
import Synchronization
import SystemPackage

/// What keeps staged copies equal to their sources, and sources complete.
extension FolioFilesystem {
    /// Makes a copy in use equal to a source that was changed underneath.
    func refresh(_ copy: StagedCopy, _ descriptor: Int32, _ stamp: SourceStamp) throws(Errno) {
        try copy.lock.withLock { _ throws(Errno) in
            guard copy.stamp != stamp else { return }
            // The open may be write-only: the copy follows through a descriptor of its own.
            let source = try ProcessFiles.forOwnReads(descriptor)
            try follow(copy, source.descriptor, size: stamp.size)
            count(.refreshed)
        }
    }

    /// Has a copy follow its source, which is `size` bytes long. The copy's `lock` is held.
    private func follow(_ copy: StagedCopy, _ source: Int32, size: Int) throws(Errno) {
        do throws(Errno) {
            try staging?.grow(copy, to: size)
        } catch {
            // What was stored to it goes to the source all the same.
            guard copy.isStoredTo.load(ordering: .relaxed) else { throw error }
        }
        try copy.follow(source, room: copy.reserved) {
            // The kernel knows nothing of it: what the server writes itself is not reported.
            copy.file?.withFile { file in
                for inode in table.known(handleType: file.type, handle: file.bytes, filesystem: file.fsid) {
                    session?.invalidate(inode.node, offset: -1)
                }
            }
        }
    }

    /// Makes a copy in use equal to its source, and the source complete.
    ///
    /// - Parameter isCertain: whether the source was changed, though its state may seem to be the same.
    private func bringInStep(_ copy: StagedCopy, isCertain: Bool) throws(Errno) {
        guard let source = copy.source.withLock({ $0 }) else { return }
        try copy.lock.withLock { _ throws(Errno) in
            let stamp = SourceStamp(try StagedCopy.status(source.descriptor))
            let isChanged = isCertain || copy.stamp != stamp
            guard isChanged || copy.isStoredTo.load(ordering: .relaxed) else { return }
            try follow(copy, source.descriptor, size: stamp.size)
            if isChanged { count(.refreshed) }
        }
    }

    /// Makes a copy in use equal to its source, and carries what was stored to it.
    ///
    /// - Throws: why that could not be carried.
    func carryStores(_ copy: StagedCopy) throws(Errno) {
        guard copy.isStoredTo.load(ordering: .relaxed) else {
            refreshInUse(copy, isCertain: true)
            return
        }
        try bringInStep(copy, isCertain: true)
    }

    /// Makes a copy in use equal to its source, and the source complete.
    ///
    /// - Parameter isCertain: whether the source was changed, though its state may seem to be the same.
    /// - Returns: whether it is done; why not, has been logged.
    @discardableResult
    func refreshInUse(_ copy: StagedCopy, isCertain: Bool) -> Bool {
        do throws(Errno) {
            try bringInStep(copy, isCertain: isCertain)
            return true
        } catch {
            logger.notice("a copy in use of \(copy.identity) is out of date: \(error.name)")
            return false
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
        defer { tellSuccessor(of: inode) }
        guard let copy = copyInUse(inode) else { return try change() }
        return try copy.lock.withLock { _ throws(Errno) in
            if copy.isStoredTo.load(ordering: .relaxed), let source = copy.source.withLock({ $0 }) {
                // What was stored before comes before this, as on the source. Where it cannot be carried now, who stored it is told by
                // fsync and close.
                do throws(Errno) {
                    try follow(copy, source.descriptor, size: Int(try StagedCopy.status(source.descriptor).st_size))
                } catch {
                    logger.notice("what was stored to a copy of \(copy.identity) is not carried yet: \(error.name)")
                }
            }
            let reports = copy.reports
            let before = SourceStamp(try inode.status())
            let wasEqual = copy.stamp == before
            let value = try change()
            let after = SourceStamp(try inode.status())
            if wasEqual, !content {
                if !tellsChanges || !copy.equals(after, unlessReportedSince: reports) {
                    copy.equals(nil)
                    refresher?.contentChanged(copy)
                }
            } else {
                copy.equals(nil)
                do throws(Errno) {
                    guard let source = copy.source.withLock({ $0 }) else { return value }
                    try follow(copy, source.descriptor, size: after.size)
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

    /// Whether every change underneath is reported. Where not, one that was made beside a write of this mount would hide behind
    /// the times that the write has left.
    private var tellsChanges: Bool { watcher?.isToldOfEverything ?? false }

    /// Has the kernel ask again for the attributes of the inode that took the place, if one did, of that through which a file was changed.
    func tellSuccessor(of inode: Inode) {
        guard inode.isRetired.load(ordering: .relaxed),
            let other = inode.withKey({ table.known($0, on: inode.filesystem) }), other !== inode
        else { return }
        // Attributes alone are dropped without waiting for a lock, so a request in flight may ask for it.
        session?.invalidate(other.node, offset: -1)
    }

    /// FUSE_WRITE on a file whose staged copy others have open or mapped: the source first, then the copy.
    func mirror(
        _ file: OpenFile, _ copy: StagedCopy, _ request: WriteRequest, _ data: UnsafeRawBufferPointer
    ) throws(Errno) -> Int {
        try copy.lock.withLock { _ throws(Errno) in
            let offset = try appendOffset(file, request, data)
            // Room first: a write that the copy could not follow is refused before the source is touched.
            try staging?.grow(copy, to: offset + data.count)
            let source = copy.source.withLock { $0 }
            let isStoredTo = copy.isStoredTo.load(ordering: .relaxed)
            // What was stored beside it before goes to the source, and stays in the copy.
            var blocks: (bytes: [UInt8], offset: Int)?
            if isStoredTo, let source {
                blocks = try copy.blocks(after: data, at: offset, source.descriptor)
                if blocks == nil {
                    let size = Int(try StagedCopy.status(source.descriptor).st_size)
                    try follow(copy, source.descriptor, size: size)
                }
            }
            let reports = copy.reports
            let before = try StagedCopy.status(file.descriptor)
            let written = try write(file, request, data, at: offset)
            let end = offset + written
            let wasEqual = copy.stamp == SourceStamp(before)
            copy.equals(nil)
            do throws(Errno) {
                let size = Int(try StagedCopy.status(copy.descriptor).st_size)
                let isWithin = isStoredTo ? blocks != nil && written == data.count : wasEqual || end <= size
                if isWithin {
                    if let bytes = data.baseAddress {
                        try StagedCopy.write(copy.descriptor, bytes, written, at: offset)
                    }
                    if let blocks { copy.note(blocks.bytes, at: blocks.offset) }
                } else if let source {
                    // What is missing before it must not be zero for a moment.
                    try follow(copy, source.descriptor, size: max(size, end))
                }
                let after = SourceStamp(try StagedCopy.status(file.descriptor))
                let isEqual = wasEqual && tellsChanges && copy.equals(after, unlessReportedSince: reports)
                if !isEqual { refresher?.contentChanged(copy) }
            } catch {
                // It is in the source, and cannot be taken back.
                refresher?.contentChanged(copy)
            }
            count(.mirroredWrites)
            return written
        }
    }
}
