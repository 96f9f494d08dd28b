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
    /// What it equals; guarded by itself.
    private let equality = LockedState(Equality())
    /// Orders writes to source and copy.
    let lock = LockedState(())
    /// The source, open for reading, while the copy is in use.
    let source = LockedState<DescriptorOwner?>(nil)
    /// Whether somebody may have a shared writable mapping of it: who opened a descriptor of it again, by /proc/self/fd.
    let isStoredTo = Atomic(false)
    /// How often somebody was given a descriptor by which it can be stored to.
    let storesBegun = Atomic(0)
    /// What the server itself last had in each block, where others may store to it; nil: nobody does. Guarded by `lock`.
    var states: BlockStates?
    /// Whether it has been thrown out: nothing may be written to it any more.
    let isThrownOut = Atomic(false)
    /// Where its source had data when it was last made equal to it; guarded by `lock`, and by nothing before it is published.
    var layout: DataLayout
    /// Bytes it takes of the budget; guarded by the store.
    var reserved: Int { didSet { record?.reserved = reserved } }
    /// Where it is handed on to the next daemon; nil: nowhere.
    let record: CopyRecord?
    private let records: RecordTable<CopyRecord>?
    /// Inodes that are open with it as their backing; guarded by the store.
    var uses = 0
    /// When it was last taken, on the store's own clock; guarded by the store.
    var lastUse = 0

    private struct Equality {
        /// The source's state that the copy equals; nil: being filled, or known to be out of date.
        var stamp: SourceStamp?
        /// How often the source has been reported changed.
        var reports = 0
    }

    init(
        identity: FileIdentity, file: SourceFile?, descriptor: Int32, layout: DataLayout, reserved: Int,
        records: RecordTable<CopyRecord>? = nil
    ) {
        self.identity = identity
        self.file = file
        self.descriptor = descriptor
        self.layout = layout
        self.reserved = reserved
        self.records = records
        record = records?.allocate()
        record?.prepare(identity, descriptor: descriptor, reserved: reserved)
    }

    /// The copy that the last daemon had.
    init(_ record: CopyRecord, _ records: RecordTable<CopyRecord>, chunkSize: Int) {
        identity = record.identity
        file = SourceFile(record.source)
        descriptor = record.descriptor
        let size = (try? Self.status(record.descriptor)).map { Int($0.st_size) } ?? 0
        layout =
            (try? DataLayout.read(record.descriptor, size: size, chunkSize: chunkSize))
            ?? DataLayout(dense: size, chunkSize: chunkSize)
        reserved = record.reserved
        self.record = record
        self.records = records
        equality.withLock { $0.stamp = record.stamp }
        isStoredTo.store(record.isStoredTo, ordering: .relaxed)
        source.withLock { $0 = DescriptorOwner(record.source) }
        guard record.isStoredTo else { return }
        states = record.states < 0 ? nil : try? BlockStates(takingOver: record.states, size: size)
        guard states == nil else { return }
        // What differs was stored, where the source is what it was; where it is not, the source is right.
        let isUnchanged = stamp != nil && stamp == (try? Self.status(record.source)).map { SourceStamp($0) }
        let known = isUnchanged ? record.source : record.descriptor
        states = try? Self.states(of: known, size: size, chunkSize: chunkSize)
        record.states = states?.descriptor ?? -1
    }

    deinit {
        if let record { records?.free(record) }
        states = nil
        close(descriptor)
    }

    /// Says whether somebody may have a shared writable mapping of it.
    func note(isStoredTo: Bool) {
        self.isStoredTo.store(isStoredTo, ordering: .relaxed)
        record?.isStoredTo = isStoredTo
    }

    /// Lets the source go, which nobody needs while nobody has the copy.
    /// - Returns: whether it had been removed: nothing leads to the copy any more.
    func letSourceGo() -> Bool {
        source.withLock { source in
            guard let kept = source else { return false }
            let isRemoved = (try? Self.status(kept.descriptor).st_nlink) == 0
            record?.source = -1
            source = nil
            return isRemoved
        }
    }

    /// The source's state that the copy equals; nil: none, or it is being made equal.
    var stamp: SourceStamp? { equality.withLock(\.stamp) }

    /// Says which state of the source the copy equals from now on.
    func equals(_ stamp: SourceStamp?) {
        equality.withLock {
            $0.stamp = stamp
            record?.stamp = stamp
        }
    }

    /// Told that the source was changed underneath: the copy is out of date, whatever the source's times say.
    func sourceWasChanged() {
        equality.withLock {
            $0.stamp = nil
            record?.stamp = nil
            $0.reports += 1
        }
    }

    /// How often the source has been reported changed, to be given to `equals(_:unlessReportedSince:)`.
    var reports: Int { equality.withLock(\.reports) }

    /// Says which state the copy equals, unless a change has been reported since.
    /// - Returns: whether it is so.
    func equals(_ stamp: SourceStamp, unlessReportedSince reports: Int) -> Bool {
        equality.withLock {
            guard $0.reports == reports else { return false }
            $0.stamp = stamp
            record?.stamp = stamp
            return true
        }
    }

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

    /// Whether nobody has it open and nothing is in it that its source has not. To be asked under the store's lock.
    var isSpare: Bool { uses <= 0 && !isStoredTo.load(ordering: .relaxed) }

    /// Bytes that it takes on the tmpfs now.
    var allocatedBytes: Int { ((try? Self.status(descriptor)).map { Int($0.st_blocks) } ?? 0) * 512 }

    /// Gives its memory back at once. Nobody may have it open or mapped.
    func throwOut() {
        record?.end()
        isThrownOut.store(true, ordering: .sequentiallyConsistent)
        ftruncate(descriptor, 0)
    }

    /// Makes holes again of what mappings have given memory to. Nobody may have it open or mapped.
    func reopenHoles() {
        for hole in layout.holes {
            // The file keeps its size: FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE.
            folio_allocate(descriptor, 3, Int64(hole.lowerBound), Int64(hole.count))
        }
    }

    /// Opens the source for as long as the copy is in use; `descriptor` has it open in whatever way.
    func keepSource(_ descriptor: Int32) throws(Errno) {
        try source.withLock { source throws(Errno) in
            guard source == nil else { return }
            // A description of its own: that of a handle carries the locks of who has it open.
            // It is read when the copy follows it, which is no access of anybody's.
            source = try ProcessFiles.withPath(descriptor) { name throws(Errno) in
                try ProcessFiles.openQuietly(name)
            }
            record?.source = source?.descriptor ?? -1
        }
    }

    static func status(_ descriptor: Int32) throws(Errno) -> stat {
        var status = stat()
        _ = try systemCall { fstat(descriptor, &status) }
        return status
    }
}
