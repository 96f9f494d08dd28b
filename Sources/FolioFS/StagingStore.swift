import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Copies of source files on a tmpfs of huge pages that is mounted nowhere and gone with this process.
///
/// Copies that nobody has open stay, least recently used first to go, as long as all fit in the limit.
final class StagingStore: Sendable {
    /// Bytes that copies may take together.
    let limit: Int
    private let root: Int32
    private let state = LockedState(State())

    private struct State {
        var copies: [FileIdentity: StagedCopy] = [:]
        var reserved = 0
        var clock = 0
        var evictions = 0
    }

    /// - Throws: EPERM without CAP_SYS_ADMIN, EINVAL on a kernel whose tmpfs has no `huge` option.
    init(limit: Int) throws(Errno) {
        self.limit = limit
        // One page is for the root and copies' metadata; the limit is kept by reservation.
        let size = String(limit + (1 << 20))
        root = try systemCall { folio_detached_tmpfs("within_size", size) }
    }

    deinit { close(root) }

    /// Bytes taken now, and copies thrown out so far.
    var usage: (bytes: Int, copies: Int, evictions: Int) {
        state.withLock { ($0.reserved, $0.copies.count, $0.evictions) }
    }

    /// The copy of a file where it equals the source's state, taken into use.
    func take(_ identity: FileIdentity, _ stamp: SourceStamp) -> StagedCopy? {
        state.withLock { state in
            guard let copy = state.copies[identity], copy.state.withLock({ $0 }) == stamp else { return nil }
            state.clock += 1
            copy.lastUse = state.clock
            copy.uses += 1
            return copy
        }
    }

    /// Makes or renews the copy of a file that `source` has open for reading, and takes it into use.
    ///
    /// - Throws: ENOSPC where it does not fit beside the copies in use; what reading the source says.
    func stage(_ identity: FileIdentity, source: Int32) throws(Errno) -> StagedCopy {
        let size = Int(try StagedCopy.status(source).st_size)
        try drop(identity)
        try reserve(size)
        do throws(Errno) {
            let descriptor = try systemCall { openat(root, ".", SourceFlags.temporary | O_RDWR | O_CLOEXEC, 0o600) }
            let copy = StagedCopy(identity: identity, descriptor: descriptor, reserved: size)
            try copy.fill(from: source, room: size)
            state.withLock { state in
                state.clock += 1
                copy.lastUse = state.clock
                copy.uses = 1
                state.copies[identity] = copy
            }
            return copy
        } catch {
            giveBack(size)
            throw error
        }
    }

    /// Makes room for a copy in use to become `size` bytes long.
    func grow(_ copy: StagedCopy, to size: Int) throws(Errno) {
        let more = state.withLock { _ in size - copy.reserved }
        guard more > 0 else { return }
        try reserve(more)
        state.withLock { _ in copy.reserved += more }
    }

    /// Ends one use.
    func release(_ copy: StagedCopy) {
        state.withLock { _ in copy.uses -= 1 }
    }

    /// Forgets the copy of a file that nobody has open, which is out of date.
    private func drop(_ identity: FileIdentity) throws(Errno) {
        let inUse = state.withLock { state in
            guard let copy = state.copies[identity] else { return false }
            guard copy.uses == 0 else { return true }
            state.copies[identity] = nil
            state.reserved -= copy.reserved
            return false
        }
        if inUse { throw .resourceBusy }
    }

    private func reserve(_ size: Int) throws(Errno) {
        try state.withLock { state throws(Errno) in
            guard size <= limit else { throw .noSpace }
            while state.reserved + size > limit {
                let unused = state.copies.values.filter { $0.uses == 0 }
                guard let oldest = unused.min(by: { $0.lastUse < $1.lastUse }) else { throw .noSpace }
                state.copies[oldest.identity] = nil
                state.reserved -= oldest.reserved
                state.evictions += 1
            }
            state.reserved += size
        }
    }

    private func giveBack(_ size: Int) { state.withLock { $0.reserved -= size } }
}
