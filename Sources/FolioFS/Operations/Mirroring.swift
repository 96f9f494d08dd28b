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
            try staging?.grow(copy, to: stamp.size)
            // The open may be write-only: the copy follows through a descriptor of its own.
            let source = try ProcessFiles.forOwnReads(descriptor)
            try copy.follow(source.descriptor, room: copy.reserved)
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
                if isStoredTo, try copy.writeBack(source.descriptor) {
                    // The kernel knows nothing of it: what the server writes itself is not reported.
                    copy.file?.withFile { file in
                        for inode in table.known(handleType: file.type, handle: file.bytes, filesystem: file.fsid) {
                            session?.invalidate(inode.node, offset: -1)
                        }
                    }
                }
                let stamp = SourceStamp(try StagedCopy.status(source.descriptor))
                if isStoredTo, copy.stamp == stamp { return }
                guard isCertain || copy.stamp != stamp else { return }
                try staging?.grow(copy, to: stamp.size)
                try copy.follow(source.descriptor, room: copy.reserved)
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
        defer { tellSuccessor(of: inode) }
        guard let copy = copyInUse(inode) else { return try change() }
        return try copy.lock.withLock { _ throws(Errno) in
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
                    try staging?.grow(copy, to: after.size)
                    try copy.follow(source.descriptor, room: copy.reserved)
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
            let reports = copy.reports
            let before = try StagedCopy.status(file.descriptor)
            let offset = try appendOffset(file, request, data)
            // Room first: a write that the copy could not follow is refused before the source is touched.
            try staging?.grow(copy, to: offset + data.count)
            let written = try write(file, request, data, at: offset)
            let end = offset + written
            let wasEqual = copy.stamp == SourceStamp(before)
            copy.equals(nil)
            do throws(Errno) {
                let size = Int(try StagedCopy.status(copy.descriptor).st_size)
                if wasEqual || end <= size {
                    if let bytes = data.baseAddress {
                        try StagedCopy.write(copy.descriptor, bytes, written, at: offset)
                    }
                } else if let source = copy.source.withLock({ $0 }) {
                    // What is missing before it must not be zero for a moment.
                    try copy.follow(source.descriptor, room: copy.reserved)
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
