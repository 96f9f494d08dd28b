import CLinuxShims
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// Copies of source files on a tmpfs of huge pages that is mounted nowhere and gone with this process.
///
/// Copies that nobody has open or mapped stay, least recently used first to go, as long as all fit in the limit.
final class StagingStore: Sendable {
    /// Bytes that copies may take together.
    let limit: Int
    private let root: Int32
    private let state = LockedState(State())

    private struct State {
        var copies: [FileIdentity: StagedCopy] = [:]
        /// Those whose files have handles.
        var files: [SourceFile: StagedCopy] = [:]
        var reserved = 0
        var clock = 0
        var evictions = 0

        mutating func insert(_ copy: StagedCopy) {
            copies[copy.identity] = copy
            if let file = copy.file { files[file] = copy }
        }

        mutating func remove(_ copy: StagedCopy) {
            copies[copy.identity] = nil
            if let file = copy.file { files[file] = nil }
            reserved -= copy.reserved
        }
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

    /// The copy of the file that `descriptor` has open, taken into use; it may be out of date.
    func take(_ identity: FileIdentity, _ descriptor: Int32) -> StagedCopy? {
        guard let there = state.withLock({ $0.copies[identity] }) else { return nil }
        let stamp = there.state.withLock { $0 }
        // Another file may have had the inode number. Where there are no handles, an equal state has to do.
        let isSame =
            there.file.map { $0 == SourceFile(descriptor) }
            ?? (stamp != nil && stamp == (try? StagedCopy.status(descriptor)).map { SourceStamp($0) })
        let taken = state.withLock { state in
            guard isSame, state.copies[identity] === there else { return false }
            state.clock += 1
            there.lastUse = state.clock
            there.uses += 1
            return true
        }
        guard taken else { return nil }
        guard (try? there.keepSource(descriptor)) != nil else {
            release(there)
            return nil
        }
        return there
    }

    /// Makes the copy of a file that `source` has open for reading, and takes it into use.
    ///
    /// - Throws: EBUSY where the copy of another file that had its inode number is in use; ENOSPC where it does not fit
    ///   beside the copies in use; what reading the source says.
    func stage(_ identity: FileIdentity, source: Int32) throws(Errno) -> StagedCopy {
        let size = Int(try StagedCopy.status(source).st_size)
        try drop(identity)
        try reserve(size)
        do throws(Errno) {
            let descriptor = try systemCall { openat(root, ".", SourceFlags.temporary | O_RDWR | O_CLOEXEC, 0o600) }
            let copy = StagedCopy(
                identity: identity, file: SourceFile(source), descriptor: descriptor, reserved: size)
            try copy.keepSource(source)
            try copy.fill(from: source, room: size)
            try state.withLock { state throws(Errno) in
                // Another open of the file may have been quicker.
                guard state.copies[identity] == nil else { throw .resourceBusy }
                state.clock += 1
                copy.lastUse = state.clock
                copy.uses = 1
                state.insert(copy)
            }
            return copy
        } catch {
            giveBack(size)
            throw error
        }
    }

    /// The copy of a file, whether in use or not.
    func copy(of file: SourceFile) -> StagedCopy? { state.withLock { $0.files[file] } }

    /// The copy of a file that is open or mapped.
    ///
    /// - Parameter file: the same file by its handle; nil: it has none.
    func copyInUse(_ identity: FileIdentity, _ file: SourceFile?) -> StagedCopy? {
        guard let there = state.withLock({ $0.copies[identity] }),
            there.file == nil || file == nil || there.file == file
        else { return nil }
        return state.withLock { _ in there.uses > 0 || there.isMapped } ? there : nil
    }

    /// Every copy that is open or mapped. The others let go of their sources, which may have been removed.
    func inUse() -> [StagedCopy] {
        let all = state.withLock { $0.copies.values.filter { $0.uses > 0 || $0.source.withLock { $0 != nil } } }
        return all.filter { copy in
            state.withLock { _ in
                if copy.uses > 0 || copy.isMapped { return true }
                copy.source.withLock { $0 = nil }
                copy.isStoredTo.store(false, ordering: .relaxed)
                return false
            }
        }
    }

    /// Whether there are no copies at all.
    var isEmpty: Bool { state.withLock { $0.copies.isEmpty } }

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

    /// Forgets the copy of what had the inode number of a file, unless it is in use.
    private func drop(_ identity: FileIdentity) throws(Errno) {
        let inUse = state.withLock { state in
            guard let copy = state.copies[identity] else { return false }
            guard copy.uses == 0, !copy.isMapped else { return true }
            state.remove(copy)
            return false
        }
        if inUse { throw .resourceBusy }
    }

    private func reserve(_ size: Int) throws(Errno) {
        try state.withLock { state throws(Errno) in
            guard size <= limit else { throw .noSpace }
            while state.reserved + size > limit {
                let unused = state.copies.values.filter { $0.uses == 0 }.sorted { $0.lastUse < $1.lastUse }
                guard let oldest = unused.first(where: { !$0.isMapped }) else { throw .noSpace }
                state.remove(oldest)
                state.evictions += 1
            }
            state.reserved += size
        }
    }

    private func giveBack(_ size: Int) { state.withLock { $0.reserved -= size } }
}
