import CLinuxShims
import FolioPolicy
import FuseServer
import Glibc
import LinuxFacts
import Logging
import SystemPackage

/// What keeps staged copies equal to their sources, and sources complete.
extension FolioFilesystem {
    /// The copy that serves a first open for reading, made where the open asks for it; nil: the source serves it.
    func stagedCopy(_ inode: Inode, _ decision: RouteDecision?, _ descriptor: Int32, _ status: stat) -> StagedCopy? {
        guard let staging, decision?.route == .staged else { return nil }
        if let copy = staging.take(inode.identity, SourceStamp(status)) { return copy }
        let size = Int(status.st_size)
        guard options.route == .staged || (size <= options.stageSyncLimit && isPromotedAtOpen(descriptor, status))
        else { return nil }
        return try? stage(inode.identity, descriptor)
    }

    /// Makes a copy, taken into use.
    func stage(_ identity: FileIdentity, _ descriptor: Int32) throws(Errno) -> StagedCopy {
        guard let staging else { throw .notSupported }
        do throws(Errno) {
            let copy = try staging.stage(identity, source: descriptor)
            let whole = copy.reserved / router.pmdSize * router.pmdSize
            pmdBytes.withLock { $0[identity] = whole }
            count(.staged)
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
            try ProcessFiles.withPath(descriptor) { name throws(Errno) in
                let source = DescriptorOwner(try systemCall { Glibc.open(name, O_RDONLY | O_CLOEXEC) })
                try copy.fill(from: source.descriptor, room: copy.reserved)
            }
            count(.refreshed)
        }
    }

    /// Carries out a change of the source through this mount, and keeps a copy in use in step.
    ///
    /// - Parameter content: whether bytes change, not only attributes.
    func changingSource<Value>(
        _ inode: Inode, content: Bool, _ change: () throws(Errno) -> Value
    ) throws(Errno) -> Value {
        guard !inode.filesystem.isBoundary else { throw .improperLink }
        let copy = inode.type == S_IFREG ? inode.serving.withLockIfPresent { Self.copy($0) } : nil
        guard let copy, let copy else { return try change() }
        let before = SourceStamp(try inode.status())
        let value = try change()
        let after = SourceStamp(try inode.status())
        if !content, copy.state.withLock({ $0 }) == before {
            copy.state.withLock { $0 = after }
        } else {
            let source = DescriptorOwner(try inode.open(O_RDONLY))
            try refresh(copy, source.descriptor, after)
        }
        return value
    }

    /// FUSE_WRITE on a file whose staged copy others have open: the source first, then the copy.
    func mirror(
        _ inode: Inode, _ file: OpenFile, _ request: WriteRequest, _ data: UnsafeRawBufferPointer
    ) throws(Errno) -> Int {
        guard let copy = inode.serving.withLock({ Self.copy($0) }) else { throw .ioError }
        return try copy.lock.withLock { _ throws(Errno) in
            let before = try StagedCopy.status(file.descriptor)
            let offset = request.flags & O_APPEND != 0 ? Int(before.st_size) : Int(request.offset)
            // Room first: a write that the copy could not follow is refused before the source is touched.
            try staging?.grow(copy, to: offset + data.count)
            let written = try systemCall { pwrite(file.descriptor, data.baseAddress, data.count, off_t(offset)) }
            clearSetID(file.descriptor, before, request.caller)
            let wasEqual = copy.state.withLock { $0 } == SourceStamp(before)
            copy.state.withLock { $0 = nil }
            var done = 0
            while done < written {
                done += try systemCall {
                    pwrite(copy.descriptor, data.baseAddress.map { $0 + done }, written - done, off_t(offset + done))
                }
            }
            let after = SourceStamp(try StagedCopy.status(file.descriptor))
            if wasEqual { copy.state.withLock { $0 = after } }
            count(.mirroredWrites)
            return written
        }
    }

    /// What shared writable mappings of the copy changed goes to the source.
    func writeBack(_ file: OpenFile, _ serving: Serving) {
        guard let copy = Self.copy(serving) else { return }
        writeBack(file, copy)
    }

    /// When the mount has ended: what mappings that outlive it have changed until now goes to the source.
    func writeBackMapped() {
        for (file, copy) in mirrored.withLock({ Array($0.values) }) { writeBack(file, copy) }
    }

    private func writeBack(_ file: OpenFile, _ copy: StagedCopy) {
        guard file.flags & O_ACCMODE == O_RDWR else { return }
        do throws(Errno) {
            try copy.writeBack(to: file.descriptor)
        } catch {
            logger.error("cannot write mapped changes back to \(copy.identity): \(error.name)")
        }
    }

    static func copy(_ serving: Serving) -> StagedCopy? {
        guard case .passthrough(_, let copy?) = serving.mode else { return nil }
        return copy
    }

    /// A write by anyone but root clears set-user-id and set-group-id (Linux fs/inode.c file_remove_privs()); the server is
    /// root.
    func clearSetID(_ descriptor: Int32, _ status: stat, _ caller: Caller) {
        let bits = status.st_mode & S_ISUID | (status.st_mode & 0o010 != 0 ? status.st_mode & S_ISGID : 0)
        if bits != 0, caller.user != 0 { fchmod(descriptor, status.st_mode & 0o7777 & ~bits) }
    }
}
