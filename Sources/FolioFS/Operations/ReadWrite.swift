import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
import Synchronization
package import SystemPackage

/// FUSE_READ, FUSE_WRITE, FUSE_FLUSH, FUSE_FSYNC: what passthrough does not carry.
extension FolioFilesystem {
    package func read(_ request: ReadRequest, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        let file = try OpenFile.of(request.handle)
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
        let file = try OpenFile.of(request.handle)
        if case .mirrored(let copy) = file.kind { return try mirror(file, copy, request, data) }
        return try write(file, request, data, at: appendOffset(file, request))
    }

    /// Where a write goes: with O_APPEND to the end of the source, which may have grown underneath.
    func appendOffset(_ file: OpenFile, _ request: WriteRequest) throws(Errno) -> Int {
        guard request.flags & O_APPEND != 0, !request.fromPageCache else { return Int(request.offset) }
        return Int(try StagedCopy.status(file.descriptor).st_size)
    }

    /// Writes to the source.
    func write(
        _ file: OpenFile, _ request: WriteRequest, _ data: UnsafeRawBufferPointer, at offset: Int
    ) throws(Errno) -> Int {
        func put() throws(Errno) -> Int {
            try systemCall { pwrite(file.descriptor, data.baseAddress, data.count, off_t(offset)) }
        }
        guard request.killsPrivileges else { return try put() }
        return try identity.killingPrivileges(of: file.descriptor, request.caller, put)
    }

    package func flush(_ request: FlushRequest) throws(Errno) {
        let inode = table[request.node]
        releaseLocks(of: request.lockOwner, inode)
        let held = try HeldFile.of(request.handle)
        guard held.isWritable else { return }
        let file = try OpenFile(held)
        // What was stored through a mapping of it.
        if case .mirrored(let copy) = file.kind { refreshInUse(copy, isCertain: true) }
        // Filesystems that write at close (NFS) say here what went wrong.
        let copy = try systemCall { dup(file.descriptor) }
        _ = try systemCall(retry: false) { close(copy) }
    }

    package func synchronize(_ request: SynchronizeRequest) throws(Errno) {
        let file = try OpenFile.of(request.handle)
        if case .mirrored(let copy) = file.kind { refreshInUse(copy, isCertain: true) }
        _ = try systemCall { request.dataOnly ? fdatasync(file.descriptor) : fsync(file.descriptor) }
    }
}
