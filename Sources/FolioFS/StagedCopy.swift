import CLinuxShims
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// A copy of a source file on the staging tmpfs, born in PMD folios.
///
/// It is never the only place of a byte that write(2) wrote. `lock` orders what is written to the source by this mount, and to
/// the copy.
final class StagedCopy: @unchecked Sendable {
    let identity: FileIdentity
    /// Tells the source from another file that has its inode number; nil: its filesystem has no handles.
    let file: SourceFile?
    let descriptor: Int32
    /// The source's state that the copy equals, and the copy's size; nil: being filled, or known to be out of date.
    let state = LockedState<SourceStamp?>(nil)
    /// Orders writes to source and copy.
    let lock = LockedState(())
    /// The source, open for reading, while the copy is in use.
    let source = LockedState<DescriptorOwner?>(nil)
    /// Whether somebody may have a shared writable mapping of it: who opened a descriptor of it again, by /proc/self/fd.
    let isStoredTo = Atomic(false)
    /// Bytes it takes of the budget; guarded by the store.
    var reserved: Int
    /// Inodes that are open with it as their backing; guarded by the store.
    var uses = 0
    /// When it was last taken, on the store's own clock; guarded by the store.
    var lastUse = 0

    init(identity: FileIdentity, file: SourceFile?, descriptor: Int32, reserved: Int) {
        self.identity = identity
        self.file = file
        self.descriptor = descriptor
        self.reserved = reserved
    }

    deinit { close(descriptor) }

    /// Whether somebody has it mapped, or open by way of the mount. A mapping lives on when its file has been released, and
    /// the kernel tells of it by a lease alone.
    ///
    /// Must not be asked where an open of the copy may be underway, which would wait for the lease.
    /// - Source: Linux 6.18 fs/locks.c check_conflicting_open(), fs/backing-file.c backing_file_mmap(), measured.
    var isMapped: Bool {
        let result = fcntl(descriptor, Int32(FOLIO_F_SETLEASE), Int32(F_WRLCK))
        let failure = errno
        if result == 0 { _ = fcntl(descriptor, Int32(FOLIO_F_SETLEASE), Int32(F_UNLCK)) }
        return result != 0 && failure == EAGAIN
    }

    /// Opens the source for as long as the copy is in use; `descriptor` has it open in whatever way.
    func keepSource(_ descriptor: Int32) throws(Errno) {
        try source.withLock { source throws(Errno) in
            guard source == nil else { return }
            // A description of its own: that of a handle carries the locks of who has it open.
            source = DescriptorOwner(
                try ProcessFiles.withPath(descriptor) { name throws(Errno) in
                    try systemCall { open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
                })
        }
    }

    /// Makes the copy equal to the source, which `source` has open for reading.
    ///
    /// - Throws: EAGAIN where the source kept changing; ENOSPC, ENOMEM, or what reading the source says.
    func fill(from source: Int32, room: Int) throws(Errno) {
        state.withLock { $0 = nil }
        for _ in 0..<3 {
            let before = try Self.status(source)
            let size = Int(before.st_size)
            guard size <= room else { throw .noSpace }
            _ = try systemCall { ftruncate(descriptor, off_t(size)) }
            guard try copyBytes(from: source, size: size) else { continue }
            let stamp = SourceStamp(before)
            guard SourceStamp(try Self.status(source)) == stamp else { continue }
            state.withLock { $0 = stamp }
            return
        }
        throw .resourceTemporarilyUnavailable
    }

    /// Reads the source straight into a mapping of the copy, whose faults make the huge folios.
    ///
    /// - Returns: false where the source became shorter.
    private func copyBytes(from source: Int32, size: Int) throws(Errno) -> Bool {
        guard size > 0 else { return true }
        guard let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { throw Errno(rawValue: errno) }
        defer { munmap(memory, size) }
        var done = 0
        while done < size {
            let step = min(size - done, 8 << 20)
            let count = try systemCall { pread(source, memory + done, step, off_t(done)) }
            if count == 0 { return false }
            done += count
        }
        return true
    }

    /// Bytes that a shared writable mapping of the copy changed go to the source, which `source` has open in whatever way.
    ///
    /// Nothing is written where the source is not in the state that the copy had: then the source is right.
    func writeBack(_ source: Int32) throws(Errno) {
        guard let stamp = state.withLock({ $0 }), SourceStamp(try Self.status(source)) == stamp else { return }
        let source = DescriptorOwner(
            try ProcessFiles.withPath(source) { name throws(Errno) in try systemCall { open(name, O_RDWR | O_CLOEXEC) }
            })
        var ours = [UInt8](repeating: 0, count: 1 << 20)
        var theirs = ours
        var offset = 0
        while offset < stamp.size {
            let step = min(ours.count, stamp.size - offset)
            let mine = try systemCall { pread(descriptor, &ours, step, off_t(offset)) }
            let got = try systemCall { pread(source.descriptor, &theirs, step, off_t(offset)) }
            guard mine == step, got == step else { return }
            if memcmp(ours, theirs, step) != 0 {
                var done = 0
                while done < step {
                    done += try systemCall {
                        ours.withUnsafeBytes { bytes in
                            pwrite(
                                source.descriptor, bytes.baseAddress.map { $0 + done }, step - done,
                                off_t(offset + done))
                        }
                    }
                }
            }
            offset += step
        }
        let after = SourceStamp(try Self.status(source.descriptor))
        state.withLock { $0 = after }
    }

    static func status(_ descriptor: Int32) throws(Errno) -> stat {
        var status = stat()
        _ = try systemCall { fstat(descriptor, &status) }
        return status
    }
}
