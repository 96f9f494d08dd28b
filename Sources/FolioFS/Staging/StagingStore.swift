import CLinuxShims
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// Copies of source files on a tmpfs of huge pages that is mounted nowhere and gone with this process.
///
/// Copies that nobody has open or mapped stay, least recently used first to go, as long as all fit in the limit. A copy in use
/// takes what it can come to take: who maps it gives memory to the holes that they read, and there must be room for that. Once
/// nobody has it, its holes are made again and it takes what its data takes.
final class StagingStore: Sendable {
    /// Bytes that copies may take together. The tmpfs itself has no more.
    let limit: Int
    /// The PMD size.
    let chunkSize: Int
    private let root: Int32
    /// Told of each file whose copy goes.
    private let removed: @Sendable (FileIdentity) -> Void
    /// What is handed on to the next daemon; nil: nothing.
    private let records: MountRecords?
    private let state = LockedState(State())
    private let gates = LockedState(Gates())

    private struct State {
        var copies: [FileIdentity: StagedCopy] = [:]
        /// Those whose files have handles, and those of them that are being made.
        var files: [SourceFile: StagedCopy] = [:]
        var reserved = 0
        var clock = 0
        var evictions = 0
        /// When copies may be made again, in milliseconds.
        var notBefore = 0
        /// Files that are not staged for a while, until when, in milliseconds.
        var resting: [FileIdentity: Int] = [:]

        mutating func remove(_ copy: StagedCopy) {
            copies[copy.identity] = nil
            if let file = copy.file { files[file] = nil }
            reserved -= copy.reserved
        }

        /// Copies that nobody has open and that have nothing of their own, least recently used first.
        var unopened: [StagedCopy] { copies.values.filter(\.isSpare).sorted { $0.lastUse < $1.lastUse } }
    }

    /// What the store holds now.
    struct Usage: Sendable {
        /// Bytes taken of the limit.
        var reserved: Int
        /// Bytes that the tmpfs says are used.
        var used: Int
        var copies: Int
        /// Copies that are open.
        var open: Int
        /// Copies thrown out so far.
        var evictions: Int
    }

    /// - Parameter removed: called with each file whose copy goes; it must not call the store.
    /// - Throws: EPERM without CAP_SYS_ADMIN, EINVAL on a kernel whose tmpfs has no `huge` option.
    init(
        limit: Int, chunkSize: Int, records: MountRecords? = nil, removed: @escaping @Sendable (FileIdentity) -> Void
    ) throws(Errno) {
        self.records = records
        self.removed = removed
        let page = Int(getpagesize())
        // A size of 0 is none for a tmpfs.
        let size = max(limit / page * page, page)
        self.limit = size
        self.chunkSize = chunkSize
        if let records, records.isTakenOver, records.stagingRoot >= 0 {
            root = records.stagingRoot
            takeOver(records)
        } else {
            root = try systemCall { folio_detached_tmpfs("within_size", String(size)) }
            records?.stagingRoot = root
        }
    }

    /// Has the copies that the last daemon had, those that somebody has open or mapped.
    private func takeOver(_ records: MountRecords) {
        state.withLock { state in
            records.copies.forEach { record in
                let copy = StagedCopy(record, records.copies, chunkSize: chunkSize)
                state.copies[copy.identity] = copy
                if let file = copy.file { state.files[file] = copy }
                state.reserved += copy.reserved
            }
        }
    }

    /// The copy of a record, for what the last daemon had open.
    func copy(recorded index: UInt32) -> StagedCopy? {
        state.withLock { $0.copies.values.first { $0.record?.index == index } }
    }

    /// One more inode is open with a copy as its backing.
    func use(_ copy: StagedCopy) { state.withLock { _ in copy.uses += 1 } }

    deinit { close(root) }

    var usage: Usage {
        var status = statvfs()
        let used = fstatvfs(root, &status) == 0 ? Int(status.f_blocks - status.f_bfree) * Int(status.f_frsize) : 0
        return state.withLock { state in
            Usage(
                reserved: state.reserved, used: used, copies: state.copies.count,
                open: state.copies.values.count { $0.uses > 0 }, evictions: state.evictions)
        }
    }

    /// Whether there are no copies at all.
    var isEmpty: Bool { state.withLock { $0.files.isEmpty && $0.copies.isEmpty } }

    // MARK: One at a time

    /// How many requests may be staging or wait for that; others would wait for a worker that reads them.
    private static let mostRequests = 8

    private struct Gates {
        var gates: [FileIdentity: Gate] = [:]
        var requests = 0
    }

    private final class Gate {
        let lock = LockedState(())
        /// Threads at it; guarded by `gates`.
        var users = 0
        /// Those of them that are not answering a request and take their time; guarded by `gates`.
        var usersBehind = 0
    }

    /// Calls `body` alone among those that stage or refresh this file.
    ///
    /// - Parameter isRequest: whether a request waits for it, which waits for other requests, each bounded by
    ///   `stageSyncLimit`, and for nobody else.
    /// - Throws: `.busy`.
    func alone<Value>(
        _ identity: FileIdentity, isRequest: Bool, _ body: () throws(StagingRefusal) -> Value
    ) throws(StagingRefusal) -> Value {
        let gate = try gates.withLock { gates throws(StagingRefusal) in
            let gate = gates.gates[identity] ?? Gate()
            if isRequest {
                guard gates.requests < Self.mostRequests, gate.usersBehind == 0 else { throw .busy }
                gates.requests += 1
            } else {
                gate.usersBehind += 1
            }
            gate.users += 1
            gates.gates[identity] = gate
            return gate
        }
        defer {
            gates.withLock { gates in
                gate.users -= 1
                if isRequest { gates.requests -= 1 } else { gate.usersBehind -= 1 }
                if gate.users == 0 { gates.gates[identity] = nil }
            }
        }
        return try gate.lock.withLock { _ throws(StagingRefusal) in try body() }
    }

    // MARK: Copies

    /// Whether there is a copy that equals a state of its source.
    func has(_ identity: FileIdentity, _ stamp: SourceStamp) -> Bool {
        state.withLock { $0.copies[identity] }?.stamp == stamp
    }

    /// The copy of the file that `descriptor` has open, taken into use; it may be out of date.
    ///
    /// - Throws: `.noRoom`, `.tooLarge` where its holes do not fit.
    func take(_ identity: FileIdentity, _ descriptor: Int32) throws(StagingRefusal) -> StagedCopy? {
        guard let there = state.withLock({ $0.copies[identity] }) else { return nil }
        let stamp = there.stamp
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
        do throws(StagingRefusal) {
            try StagedCopy.refusing { () throws(Errno) in
                try there.keepSource(descriptor)
                let size = Int(try StagedCopy.status(there.descriptor).st_size)
                try grow(there, to: size)
            }
        } catch {
            release(there)
            throw error
        }
        return there
    }

    /// Makes the copy of a file that `source` has open for reading, whose offset moves.
    ///
    /// - Parameters:
    ///   - isTaken: whether it is taken into use.
    ///   - evicts: whether copies that nobody has open may go for it.
    ///   - progress: called with the bytes done of the file's size, after each chunk.
    func stage(
        _ identity: FileIdentity, source: Int32, isTaken: Bool, evicts: Bool = true,
        progress: (Int) throws(StagingRefusal) -> Void
    ) throws(StagingRefusal) -> StagedCopy {
        let status = try StagedCopy.refusing { () throws(Errno) in try StagedCopy.status(source) }
        let size = Int(status.st_size)
        let layout = try StagedCopy.refusing { () throws(Errno) in
            try DataLayout.read(source, size: size, chunkSize: chunkSize)
        }
        try drop(identity)
        // An open that finds it needs room for its holes; what no open could use is not made.
        guard layout.possibleBytes <= limit else { throw .tooLarge }
        let room = isTaken ? layout.possibleBytes : layout.allocatedBytes
        try reserve(room, evicts: evicts)
        do throws(StagingRefusal) {
            guard state.withLock({ $0.notBefore }) <= MonotonicClock.milliseconds() else { throw .pressure }
            try MemoryHeadroom.require(layout.allocatedBytes)
            try StagedCopy.refusing { () throws(Errno) in try StagingStep.reserved.done() }
            return try make(identity, source, layout, room, isTaken: isTaken, progress)
        } catch {
            state.withLock { $0.reserved -= room }
            throw error
        }
    }

    private func make(
        _ identity: FileIdentity, _ source: Int32, _ layout: DataLayout, _ room: Int, isTaken: Bool,
        _ progress: (Int) throws(StagingRefusal) -> Void
    ) throws(StagingRefusal) -> StagedCopy {
        let descriptor = try StagedCopy.refusing { () throws(Errno) in
            try systemCall { openat(root, ".", SourceFlags.temporary | O_RDWR | O_CLOEXEC, 0o600) }
        }
        let copy = StagedCopy(
            identity: identity, file: SourceFile(source), descriptor: descriptor, layout: layout, reserved: room,
            records: records?.copies)
        // Reports of changes reach it from now on.
        if let file = copy.file { state.withLock { $0.files[file] = copy } }
        do throws(StagingRefusal) {
            try StagedCopy.refusing { () throws(Errno) in
                try StagingStep.created.done()
                if isTaken { try copy.keepSource(source) }
            }
            try copy.fill(from: source, room: room, progress: progress)
            try state.withLock { state throws(StagingRefusal) in
                guard state.copies[identity] == nil else { throw .busy }
                state.clock += 1
                copy.lastUse = state.clock
                copy.uses = isTaken ? 1 : 0
                state.copies[identity] = copy
                copy.record?.begin()
            }
        } catch {
            if let file = copy.file {
                state.withLock { state in if state.files[file] === copy { state.files[file] = nil } }
            }
            copy.throwOut()
            throw error
        }
        return copy
    }

    /// Ends one use of a copy that came to nothing, and throws it out unless others have it.
    func discard(_ copy: StagedCopy) {
        state.withLock { state in
            copy.uses -= 1
            guard copy.isSpare, state.copies[copy.identity] === copy, !copy.isMapped else { return }
            remove(copy, &state)
        }
    }

    /// The copy of a file, whether in use or not, or being made.
    func copy(of file: SourceFile) -> StagedCopy? { state.withLock { $0.files[file] } }

    /// The copy of a file that is open or mapped.
    ///
    /// - Parameter file: the same file by its handle; nil: it has none.
    func copyInUse(_ identity: FileIdentity, _ file: SourceFile?) -> StagedCopy? {
        guard let there = state.withLock({ $0.copies[identity] }),
            there.file == nil || file == nil || there.file == file
        else { return nil }
        return state.withLock { _ in !there.isSpare || there.isMapped } ? there : nil
    }

    /// Every copy that is open or mapped, or was stored to. The others let go of their sources, which may have been removed.
    ///
    /// - Parameter carry: carries what was stored to a copy that nobody has any more to its source, and says whether that is done.
    func inUse(carry: (StagedCopy) -> Bool = { _ in false }) -> [StagedCopy] {
        let all = state.withLock { $0.copies.values.filter { $0.uses > 0 || $0.source.withLock { $0 != nil } } }
        return all.filter { copy in
            let begun = copy.storesBegun.load(ordering: .sequentiallyConsistent)
            var isCarried = !copy.isStoredTo.load(ordering: .relaxed)
            if !isCarried, state.withLock({ _ in copy.uses == 0 && !copy.isMapped }) { isCarried = carry(copy) }
            return state.withLock { state in
                if copy.uses > 0 || copy.isMapped { return true }
                // An unmapping tells nobody: what was stored last is found now.
                guard isCarried, copy.storesBegun.load(ordering: .sequentiallyConsistent) == begun else { return true }
                if copy.letSourceGo(), state.copies[copy.identity] === copy {
                    remove(copy, &state)
                    return false
                }
                copy.note(isStoredTo: false)
                settle(copy, &state)
                return false
            }
        }
    }

    /// Told of a file that is gone, by name and by whoever had it open: a copy would stay until its room is wanted.
    func sourceIsGone(_ file: SourceFile) {
        state.withLock { state in
            guard let copy = state.files[file], state.copies[copy.identity] === copy, copy.uses == 0, !copy.isMapped
            else { return }
            remove(copy, &state)
        }
    }

    /// All copies, in use or not.
    func all() -> [StagedCopy] { state.withLock { Array($0.copies.values) } }

    /// Ends one use.
    func release(_ copy: StagedCopy) {
        state.withLock { _ in copy.uses -= 1 }
    }

    // MARK: Room

    /// Makes room for a copy in use to become `size` bytes long.
    /// - Throws: ENOSPC.
    func grow(_ copy: StagedCopy, to size: Int) throws(Errno) {
        let size = DataLayout.roundedUp(size, to: chunkSize)
        let more = state.withLock { _ in size - copy.reserved }
        guard more > 0 else { return }
        do throws(StagingRefusal) {
            try reserve(more, evicts: true)
        } catch {
            throw .noSpace
        }
        state.withLock { state in
            // It may have been thrown out, or grown by another, meanwhile.
            let missing = state.copies[copy.identity] === copy ? max(0, size - copy.reserved) : 0
            copy.reserved += missing
            state.reserved -= more - missing
        }
    }

    /// Throws out copies that nobody has open or mapped, least recently used first, until `bytes` have been given back.
    /// - Returns: the bytes that were.
    func shrink(by bytes: Int) -> Int {
        state.withLock { state in
            var given = 0
            for copy in state.unopened where given < bytes && !copy.isMapped {
                given += copy.allocatedBytes
                evict(copy, &state)
            }
            return given
        }
    }

    /// Makes no copies for a while, in milliseconds.
    func pause(_ duration: Int) {
        let end = MonotonicClock.milliseconds() + duration
        state.withLock { $0.notBefore = max($0.notBefore, end) }
    }

    /// Has a file served from its source for a second: somebody is about to open it who cannot have a copy, and would find one that
    /// another open has got in between.
    func rest(_ identity: FileIdentity) {
        let now = MonotonicClock.milliseconds()
        state.withLock { state in
            if state.resting.count >= 256 { state.resting = state.resting.filter { $0.value > now } }
            state.resting[identity] = now + 1000
        }
    }

    /// Whether a file is served from its source for now.
    func isResting(_ identity: FileIdentity) -> Bool {
        state.withLock { state in
            guard let end = state.resting[identity] else { return false }
            if end > MonotonicClock.milliseconds() { return true }
            state.resting[identity] = nil
            return false
        }
    }

    /// Bytes of copies that nobody has open.
    var unopenedBytes: Int { state.withLock { $0.unopened.reduce(0) { $0 + $1.allocatedBytes } } }

    /// Forgets the copy of what had the inode number of a file, unless it is in use.
    private func drop(_ identity: FileIdentity) throws(StagingRefusal) {
        let inUse = state.withLock { state in
            guard let copy = state.copies[identity] else { return false }
            guard copy.isSpare, !copy.isMapped else { return true }
            remove(copy, &state)
            return false
        }
        if inUse { throw .failed(.resourceBusy) }
    }

    private func reserve(_ size: Int, evicts: Bool) throws(StagingRefusal) {
        try state.withLock { state throws(StagingRefusal) in
            guard size <= limit else { throw .tooLarge }
            if state.reserved + size > limit {
                for copy in state.unopened where copy.reserved > copy.layout.allocatedBytes && !copy.isMapped {
                    settle(copy, &state)
                }
            }
            while state.reserved + size > limit {
                guard evicts, let oldest = state.unopened.first(where: { !$0.isMapped }) else { throw .noRoom }
                evict(oldest, &state)
            }
            state.reserved += size
        }
    }

    private func evict(_ copy: StagedCopy, _ state: inout State) {
        state.evictions += 1
        remove(copy, &state)
    }

    private func remove(_ copy: StagedCopy, _ state: inout State) {
        state.remove(copy)
        copy.throwOut()
        removed(copy.identity)
    }

    /// A copy that nobody has any more takes what its data takes.
    private func settle(_ copy: StagedCopy, _ state: inout State) {
        guard copy.uses == 0, copy.reserved > copy.layout.allocatedBytes else { return }
        if copy.allocatedBytes > copy.layout.allocatedBytes { copy.reopenHoles() }
        let taken = min(copy.reserved, max(copy.allocatedBytes, copy.layout.allocatedBytes))
        state.reserved -= copy.reserved - taken
        copy.reserved = taken
    }
}
