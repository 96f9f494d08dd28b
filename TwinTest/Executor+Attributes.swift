import CLinuxShims
import Glibc

/// Extended attributes and locks.
extension Executor {
    func setAttribute(_ operation: Operation) {
        let (name, value, flags) = (operation.name.bytes, operation.value, Int32(operation.mode))
        let result =
            operation.slot >= 0
            ? fsetxattr(descriptors[operation.slot], name, value, value.count, flags)
            : operation.flags & AT_SYMLINK_NOFOLLOW != 0
                ? lsetxattr(operation.path.bytes, name, value, value.count, flags)
                : setxattr(operation.path.bytes, name, value, value.count, flags)
        record.put(result: Int(result))
    }

    func getAttribute(_ operation: Operation) {
        let name = operation.name.bytes
        // Asks for the size, for the value, and into what is too small, by the operation's own numbers.
        let size = operation.offset == 0 ? 65536 : Int(operation.offset)
        let result =
            operation.slot >= 0
            ? fgetxattr(descriptors[operation.slot], name, buffer.baseAddress, size)
            : operation.flags & AT_SYMLINK_NOFOLLOW != 0
                ? lgetxattr(operation.path.bytes, name, buffer.baseAddress, size)
                : getxattr(operation.path.bytes, name, buffer.baseAddress, size)
        record.put(result: result)
        if result > 0 { record.put(content: UnsafeRawBufferPointer(rebasing: buffer[..<result])) }
    }

    func listAttributes(_ operation: Operation) {
        let names = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
        let result =
            operation.slot >= 0
            ? flistxattr(descriptors[operation.slot], names, 65536)
            : operation.flags & AT_SYMLINK_NOFOLLOW != 0
                ? llistxattr(operation.path.bytes, names, 65536) : listxattr(operation.path.bytes, names, 65536)
        record.put(result: result)
        guard result > 0 else { return }
        for name in buffer[..<result].split(separator: 0).map({ Name.shown(Array($0)) }).sorted() {
            record.put(" ")
            record.put(bytes: Array(name.utf8))
        }
    }

    func removeAttribute(_ operation: Operation) {
        let name = operation.name.bytes
        let result =
            operation.slot >= 0
            ? fremovexattr(descriptors[operation.slot], name)
            : operation.flags & AT_SYMLINK_NOFOLLOW != 0
                ? lremovexattr(operation.path.bytes, name) : removexattr(operation.path.bytes, name)
        record.put(result: Int(result))
    }

    /// F_OFD_GETLK and F_OFD_SETLK (linux/fcntl.h), hidden behind _GNU_SOURCE.
    private static let getOpenFileLock: Int32 = 36
    static let setOpenFileLock: Int32 = 37

    func recordLock(_ operation: Operation) {
        var lock = flock(
            l_type: Int16(operation.mode), l_whence: Int16(SEEK_SET), l_start: operation.offset,
            l_len: operation.length, l_pid: 0)
        // FUSE cannot tell whose lock is an open file description's, so each worker takes one sort: see KnownDifferences.
        let ofOpenFile = Self.locksOpenFiles(operation.worker)
        let asks = operation.kind == .getLock
        // Of descriptors that were there before the first lock the server hears the last close only: see KnownDifferences.
        if !ofOpenFile, !asks, isOpenAgain(operation.slot) { return record.put(" open again") }
        let command = ofOpenFile ? (asks ? Self.getOpenFileLock : Self.setOpenFileLock) : (asks ? F_GETLK : F_SETLK)
        let result = fcntl(descriptors[operation.slot], command, &lock)
        record.put(result: Int(result))
        guard result == 0, asks else { return }
        record.put(" type ")
        record.put(Int(lock.l_type))
        guard lock.l_type != Int16(F_UNLCK) else { return }
        record.put(" from ")
        record.put(lock.l_start)
        record.put(" for ")
        record.put(lock.l_len)
        guard !ofOpenFile else { return }
        record.put(" by ")
        // The holder as the number of a worker; -1: an open file description.
        let holder = (0..<WorkerIdentity.all.count).first { workers[$0] == lock.l_pid }
        record.put(holder.map { Self.locksOpenFiles($0) ? -1 : $0 } ?? Int(min(lock.l_pid, 0)))
    }

    /// Whether this process has the file of a slot open by another as well.
    private func isOpenAgain(_ slot: Int) -> Bool {
        let own = Observation.of(descriptors[slot]).status
        return descriptors.indices.contains { other in
            guard other != slot, descriptors[other] >= 0 else { return false }
            let status = Observation.of(descriptors[other]).status
            return status.st_ino == own.st_ino && status.st_dev == own.st_dev
        }
    }

    private static func locksOpenFiles(_ worker: Int) -> Bool { worker < 2 }
}
