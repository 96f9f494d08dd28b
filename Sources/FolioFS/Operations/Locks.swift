import CLinuxShims
package import FuseServer
import Glibc
import LinuxFacts
package import SystemPackage

/// FUSE_GETLK, FUSE_SETLK, FUSE_SETLKW and flock(2): held on the source, so that programs there see them.
///
/// POSIX locks are open file description locks of one descriptor for each owner. A deadlock among waiters is not found
/// (no EDEADLK): the kernel looks for none among such locks.
extension FolioFilesystem {
    package func getLock(_ request: GetLockRequest) throws(Errno) -> Lock? {
        let inode = table[request.node]
        let owner = try owner(request.owner, of: inode, process: request.lock.process)
        var lock = Self.range(request.lock)
        _ = try systemCall { folio_lock_query(owner.descriptor, &lock) }
        guard lock.type != Int16(F_UNLCK) else { return nil }
        // The kernel names no process for such a lock: where another owner of this mount has it, that one's is known.
        let process =
            lock.process > 0
            ? lock.process
            : inode.locks.withLock { owners in owners.first { $0.key != request.owner }?.value.process ?? 0 }
        return Lock(type: lock.type, start: lock.start, length: lock.length, process: process)
    }

    package func setLock(_ request: SetLockRequest, _ reply: consuming Reply) {
        let inode = table[request.node]
        let owner: LockOwner
        do throws(Errno) {
            owner = try self.owner(request.owner, of: inode, process: request.lock.process)
        } catch {
            return reply.fail(error)
        }
        let lock = Self.range(request.lock)
        attempt(request.interruption, reply, waits: request.waits) { waits in
            folio_lock_set(owner.descriptor, lock, waits ? 1 : 0)
        }
    }

    package func setFileLock(_ request: FileLockRequest, _ reply: consuming Reply) {
        let file: OpenFile
        do throws(Errno) {
            file = try OpenFile.of(request.handle)
        } catch {
            return reply.fail(error)
        }
        // The lock is its descriptor's.
        file.keepDescriptor()
        let operation = request.operation
        let waits = operation & LOCK_NB == 0 && operation & LOCK_UN == 0
        attempt(request.interruption, reply, waits: waits) { waits in
            flock(file.descriptor, waits ? operation : operation | LOCK_NB)
        }
    }

    private static func range(_ lock: Lock) -> folio_lock {
        folio_lock(start: lock.start, length: lock.length, process: 0, type: lock.type)
    }

    /// Tries at once, and where the lock is taken and to be waited for, on a thread of its own.
    private func attempt(
        _ interruption: Interruption, _ reply: consuming Reply, waits: Bool,
        _ call: @escaping @Sendable (_ waits: Bool) -> Int32
    ) {
        do throws(Errno) {
            _ = try systemCall { call(false) }
            return reply.done()
        } catch {
            let taken = error == .resourceTemporarilyUnavailable || error == .permissionDenied
            guard waits, taken else { return reply.fail(error) }
        }
        LockWait.begin(interruption, reply, signal: wakeSignal) { call(true) }
    }

    /// The descriptor on which an owner's locks are.
    private func owner(_ key: UInt64, of inode: Inode, process: Int32) throws(Errno) -> LockOwner {
        if let owner = inode.locks.withLock({ $0[key] }) { return owner }
        let descriptor: Int32
        do throws(Errno) {
            descriptor = try inode.open(O_RDWR | O_NONBLOCK)
        } catch {
            descriptor = try inode.open(O_RDONLY | O_NONBLOCK)
        }
        let new = LockOwner(descriptor: descriptor, process: process)
        return inode.locks.withLock { owners in
            if let owner = owners[key] { return owner }
            owners[key] = new
            return new
        }
    }
}
