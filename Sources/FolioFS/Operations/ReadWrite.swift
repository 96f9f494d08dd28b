import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
import Synchronization
package import SystemPackage

/// FUSE_READ, FUSE_WRITE, FUSE_FLUSH, FUSE_FSYNC: what passthrough does not carry.
extension FolioFilesystem {
    package func read(_ request: ReadRequest, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        let file = try OpenFile.of(request.handle, records)
        var source = file.descriptor
        if case .mirrored(let copy) = file.kind, copy.isStoredTo.load(ordering: .relaxed) { source = copy.descriptor }
        var done = 0
        while done < buffer.count {
            let count = try systemCall {
                pread(
                    source, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(request.offset) + done)
            }
            if count == 0 { break }
            done += count
        }
        if case .alignedExec(let patches) = file.kind {
            AlignedProgramHeaders.apply(
                patches, to: UnsafeMutableRawBufferPointer(rebasing: buffer[..<done]), offset: Int(request.offset))
        }
        return done
    }

    package func write(_ request: WriteRequest, _ data: UnsafeRawBufferPointer) throws(Errno) -> Int {
        let file = try OpenFile.of(request.handle, records)
        if case .mirrored(let copy) = file.kind {
            defer { tellSuccessor(of: table[request.node]) }
            return try mirror(file, copy, request, data)
        }
        return try write(file, request, data, at: appendOffset(file, request, data))
    }

    /// Where a write goes: with O_APPEND to the end of the source, which may have grown underneath.
    func appendOffset(
        _ file: OpenFile, _ request: WriteRequest, _ data: UnsafeRawBufferPointer
    ) throws(Errno) -> Int {
        guard request.flags & O_APPEND != 0, !request.fromPageCache else { return Int(request.offset) }
        let size = Int(try StagedCopy.status(file.descriptor).st_size)
        guard records != nil else { return size }
        if let earlier = Attempt.earlier, try isAppended(data, to: file, at: Int(earlier.values.0), size: size) {
            return Int(earlier.values.0)
        }
        Attempt.intend((UInt64(size), 0, 0, 0))
        return size
    }

    /// Whether what is in a file from `offset` to its end, which is at `size`, is what `data` begins with: then it is written once
    /// more to where it is, and not after itself.
    private func isAppended(
        _ data: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int, size: Int
    ) throws(Errno) -> Bool {
        let count = min(size - offset, data.count)
        guard count >= 0, let bytes = data.baseAddress else { return false }
        let readable = try ProcessFiles.forOwnReads(file.descriptor)
        let there = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
        defer { there.deallocate() }
        var done = 0
        while done < count {
            let got = try systemCall {
                pread(readable.descriptor, there.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
            }
            if got == 0 { return false }
            done += got
        }
        return there.baseAddress.map { memcmp($0, bytes, count) } == 0
    }

    /// Writes to the source.
    func write(
        _ file: OpenFile, _ request: WriteRequest, _ data: UnsafeRawBufferPointer, at offset: Int
    ) throws(Errno) -> Int {
        func put() throws(Errno) -> Int {
            let count = try systemCall { pwrite(file.descriptor, data.baseAddress, data.count, off_t(offset)) }
            if records != nil { Attempt.hasDone() }
            return count
        }
        guard request.killsPrivileges else { return try put() }
        return try identity.killingPrivileges(of: file.descriptor, request.caller, put)
    }

    package func flush(_ request: FlushRequest) throws(Errno) {
        let inode = table[request.node]
        releaseLocks(of: request.lockOwner, inode)
        let held = try HeldFile.of(request.handle, records)
        guard held.isWritable else { return }
        let file = try OpenFile(held)
        // What was stored through a mapping of it.
        if case .mirrored(let copy) = file.kind { try carryStores(copy) }
        // Filesystems that write at close (NFS) say here what went wrong.
        let copy = try systemCall { dup(file.descriptor) }
        _ = try systemCall(retry: false) { close(copy) }
    }

    package func synchronize(_ request: SynchronizeRequest) throws(Errno) {
        let file = try OpenFile.of(request.handle, records)
        if case .mirrored(let copy) = file.kind { try carryStores(copy) }
        _ = try systemCall { request.dataOnly ? fdatasync(file.descriptor) : fsync(file.descriptor) }
    }
}
