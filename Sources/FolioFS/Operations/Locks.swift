import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_GETLK, FUSE_SETLK, FUSE_SETLKW and flock(2): held on the source, so that programs there see them.
///
/// Record locks are open file description locks of one descriptor for each owner; what each owner holds is remembered beside
/// it, for F_GETLK's process and to find deadlocks.
extension FolioFilesystem {
    package func getLock(_ request: GetLockRequest) throws(Errno) -> Lock? {
        let file = try OpenFile.of(request.handle, records)
        let inode = table[request.node]
        // F_OFD_GETLK asks with F_UNLCK for what the open file holds itself (Linux 6.18 fs/locks.c posix_test_lock()).
        let asksForOwn = request.lock.type == Int16(F_UNLCK)
        var wanted = Self.range(request.lock)
        if asksForOwn { wanted.isWrite = true }
        let (holder, own) =
            inode.locks.withLockIfPresent { owners in
                let holders = owners.compactMap { key, owner -> (range: LockRanges.Range, process: Int32)? in
                    guard (key == request.owner) == asksForOwn, let range = owner.ranges.conflict(with: wanted) else {
                        return nil
                    }
                    return (range, owner.process)
                }
                return (holders.min { $0.range.start < $1.range.start }, owners[request.owner])
            } ?? (nil, nil)
        if let holder {
            return Lock(
                type: Int16(holder.range.isWrite ? F_WRLCK : F_RDLCK), start: holder.range.start,
                length: holder.range.length, process: holder.process)
        }
        if asksForOwn { return nil }
        // A program on the source, maybe.
        var lock = Self.wire(request.lock)
        _ = try systemCall { folio_lock_query(own?.descriptor ?? file.descriptor, &lock) }
        guard lock.type != Int16(F_UNLCK) else { return nil }
        return Lock(type: lock.type, start: lock.start, length: lock.length, process: max(lock.process, 0))
    }

    package func setLock(_ request: SetLockRequest, _ reply: consuming Reply) {
        let inode = table[request.node]
        if request.lock.type == Int16(F_UNLCK) {
            release(request, inode)
            return reply.done()
        }
        do throws(Errno) {
            let file = try OpenFile.of(request.handle, records)
            inode.serving.withLock { $0.isRecordLocked = true }
            guard let owner = try take(request, inode) else {
                if !file.tellsCloses { watchExit(request, inode) }
                return reply.done()
            }
            guard request.waits else { return reply.fail(.resourceTemporarilyUnavailable) }
            let wait = LockWaits.Wait(owner: request.owner, inode: inode, range: Self.range(request.lock))
            guard let number = lockWaits.begin(wait) else {
                endWait(request, owner, inode, isTaken: false)
                return reply.fail(Errno(rawValue: EDEADLK))
            }
            let waiting = records?.memory.beginsWait()
            LockWait.begin(request.interruption, reply, signal: wakeSignal) {
                folio_lock_set(owner.descriptor, Self.wire(request.lock), 1)
            } ended: { [self] isTaken in
                records?.memory.endsWait(waiting)
                lockWaits.end(number)
                endWait(request, owner, inode, isTaken: isTaken)
                if isTaken, !file.tellsCloses { watchExit(request, inode) }
            }
        } catch {
            reply.fail(error)
        }
    }

    package func setFileLock(_ request: FileLockRequest, _ reply: consuming Reply) {
        do throws(Errno) {
            let file = try OpenFile.of(request.handle, records)
            // The lock is its descriptor's.
            file.keepDescriptor()
            let operation = request.operation
            do throws(Errno) {
                _ = try systemCall { flock(file.descriptor, operation | LOCK_NB) }
                reply.done()
            } catch {
                let waits = operation & LOCK_NB == 0 && operation & LOCK_UN == 0
                guard waits, error == .resourceTemporarilyUnavailable else { return reply.fail(error) }
                let waiting = records?.memory.beginsWait()
                LockWait.begin(request.interruption, reply, signal: wakeSignal) {
                    flock(file.descriptor, operation)
                } ended: { [self] _ in
                    records?.memory.endsWait(waiting)
                }
            }
        } catch {
            reply.fail(error)
        }
    }

    /// A process has closed a descriptor of the file: all that it has locked of it goes (fcntl(2)).
    func releaseLocks(of key: UInt64, _ inode: Inode) {
        inode.locks.withLockIfPresent { owners in
            if let owner = owners[key] { Self.drop(key, owner, &owners) }
        }
    }

    /// The last descriptor of an open file is gone, and with it the locks that were taken through it.
    func releaseLocks(through handle: HandleID, _ inode: Inode) {
        inode.locks.withLockIfPresent { owners in
            for (key, owner) in owners where owner.handles.contains(handle) { Self.drop(key, owner, &owners) }
        }
    }

    /// Takes a process's locks away when it ends: it took one through a handle of whose closes the kernel tells nothing
    /// (FOPEN_NOFLUSH), which a child may keep open.
    private func watchExit(_ request: SetLockRequest, _ inode: Inode) {
        watchExit(of: request.lock.process, request.owner, inode)
    }

    /// Takes the locks of an owner away when its process ends.
    func watchExit(of process: Int32, _ owner: UInt64, _ inode: Inode) {
        guard inode.locks.withLock({ $0[owner].map { $0.exit == nil } }) == true else { return }
        let watch = exits.watch(process) { [self] in releaseLocks(of: owner, inode) }
        inode.locks.withLock { $0[owner]?.exit = watch }
    }

    private static func wire(_ lock: Lock) -> folio_lock {
        folio_lock(start: lock.start, length: lock.length, process: 0, type: lock.type)
    }

    private static func range(_ lock: Lock) -> LockRanges.Range {
        LockRanges.Range(start: lock.start, length: lock.length, isWrite: lock.type == Int16(F_WRLCK))
    }

    /// Tries to take a lock.
    ///
    /// - Returns: nil: it is taken; else its owner, in the way of whom another is, counted as waiting where the request does.
    private func take(_ request: SetLockRequest, _ inode: Inode) throws(Errno) -> LockOwner? {
        try inode.locks.withLock { owners throws(Errno) in
            let owner: LockOwner
            if let known = owners[request.owner] {
                owner = known
            } else {
                owner = try makeOwner(request, inode)
            }
            do throws(Errno) {
                _ = try systemCall { folio_lock_set(owner.descriptor, Self.wire(request.lock), 0) }
            } catch {
                guard error == .resourceTemporarilyUnavailable || error == .permissionDenied else { throw error }
                guard request.waits else { return owner }
                owners[request.owner] = owner
                owner.waits += 1
                return owner
            }
            Self.note(request, owner, &owners)
            return nil
        }
    }

    private func endWait(_ request: SetLockRequest, _ owner: LockOwner, _ inode: Inode, isTaken: Bool) {
        inode.locks.withLock { owners in
            owner.waits -= 1
            if isTaken { Self.note(request, owner, &owners) }
            Self.dropIfIdle(request.owner, &owners)
        }
    }

    /// Remembers a lock that was taken.
    private static func note(_ request: SetLockRequest, _ owner: LockOwner, _ owners: inout [UInt64: LockOwner]) {
        owners[request.owner] = owner
        owner.handles.insert(request.handle)
        owner.record?.add(request.handle)
        owner.ranges.set(request.lock.type, start: request.lock.start, length: request.lock.length)
    }

    /// Gives a range up.
    private func release(_ request: SetLockRequest, _ inode: Inode) {
        inode.locks.withLockIfPresent { owners in
            guard let owner = owners[request.owner] else { return }
            _ = folio_lock_set(owner.descriptor, Self.wire(request.lock), 0)
            owner.ranges.set(request.lock.type, start: request.lock.start, length: request.lock.length)
            Self.dropIfIdle(request.owner, &owners)
        }
    }

    private static func drop(_ key: UInt64, _ owner: LockOwner, _ owners: inout [UInt64: LockOwner]) {
        // A wait may keep the descriptor open.
        _ = folio_lock_set(owner.descriptor, folio_lock(start: 0, length: 0, process: 0, type: Int16(F_UNLCK)), 0)
        owner.ranges = LockRanges()
        owner.handles = []
        dropIfIdle(key, &owners)
    }

    /// Forgets an owner that holds nothing and waits for nothing.
    private static func dropIfIdle(_ key: UInt64, _ owners: inout [UInt64: LockOwner]) {
        if let owner = owners[key], owner.ranges.isEmpty, owner.waits == 0 { owners[key] = nil }
    }

    /// An owner with a descriptor of its own.
    private func makeOwner(_ request: SetLockRequest, _ inode: Inode) throws(Errno) -> LockOwner {
        let descriptor: Int32
        do throws(Errno) {
            descriptor = try inode.open(O_RDWR | O_NONBLOCK)
        } catch {
            // Each owner of locks takes a descriptor: where there are no more, there are no more locks.
            guard error != .tooManyOpenFiles, error != .tooManyOpenFilesInSystem else { throw .noLocks }
            descriptor = try inode.open(O_RDONLY | O_NONBLOCK)
        }
        let record = records?.locks.allocate()
        record?.begin(inode, owner: request.owner, descriptor: descriptor, process: request.lock.process)
        return LockOwner(
            descriptor: descriptor, process: request.lock.process,
            record: record, in: records?.locks)
    }
}
