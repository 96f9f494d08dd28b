import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// A copy of a source file on the staging tmpfs, born in PMD folios.
///
/// Never the only place of a byte: writes go to the source first. `lock` orders them.
final class StagedCopy: @unchecked Sendable {
    let identity: FileIdentity
    let descriptor: Int32
    /// The source's state that the copy equals, and the copy's size; nil: being filled, or known to be out of date.
    let state = LockedState<SourceStamp?>(nil)
    /// Orders writes to source and copy.
    let lock = LockedState(())
    /// Bytes it takes of the budget; guarded by the store.
    var reserved: Int
    /// Inodes that are open with it as their backing; guarded by the store.
    var uses = 0
    /// When it was last taken, on the store's own clock; guarded by the store.
    var lastUse = 0

    init(identity: FileIdentity, descriptor: Int32, reserved: Int) {
        self.identity = identity
        self.descriptor = descriptor
        self.reserved = reserved
    }

    deinit { close(descriptor) }

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

    /// Bytes that a shared writable mapping of the copy changed go to the source, open in `source` for reading and writing.
    ///
    /// Nothing is written where the source is not in the state that the copy had: then the source is right.
    func writeBack(to source: Int32) throws(Errno) {
        try lock.withLock { _ throws(Errno) in
            guard let stamp = state.withLock({ $0 }), SourceStamp(try Self.status(source)) == stamp else { return }
            var ours = [UInt8](repeating: 0, count: 1 << 20)
            var theirs = ours
            var offset = 0
            var changed = false
            while offset < stamp.size {
                let step = min(ours.count, stamp.size - offset)
                let mine = try systemCall { pread(descriptor, &ours, step, off_t(offset)) }
                let got = try systemCall { pread(source, &theirs, step, off_t(offset)) }
                guard mine == step, got == step else { return }
                if memcmp(ours, theirs, step) != 0 {
                    changed = true
                    try Self.write(ours[..<step], to: source, at: offset)
                }
                offset += step
            }
            if changed {
                let after = SourceStamp(try Self.status(source))
                state.withLock { $0 = after }
            }
        }
    }

    static func status(_ descriptor: Int32) throws(Errno) -> stat {
        var status = stat()
        _ = try systemCall { fstat(descriptor, &status) }
        return status
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, at offset: Int) throws(Errno) {
        var done = 0
        while done < bytes.count {
            done += try systemCall {
                bytes.withUnsafeBytes { buffer in
                    pwrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
                }
            }
        }
    }
}
