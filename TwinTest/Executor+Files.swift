import CLinuxShims
import Glibc

/// Descriptors and bytes.
extension Executor {
    func open(_ operation: Operation) {
        close(operation.slot, silently: true)
        var flags = operation.flags | O_CLOEXEC
        // A passthrough file's one backing file cannot serve some readers with it: see KnownDifferences.
        if world.comparesAccessTime { flags &= ~OpenFlags.noAccessTime }
        // Opening one end of a FIFO waits for the other.
        let (_, there) = target(operation)
        if there.failure == 0, there.status.st_mode & S_IFMT != S_IFREG { flags |= O_NONBLOCK }
        let descriptor = Glibc.open(operation.path.bytes, flags, operation.mode)
        descriptors[operation.slot] = descriptor
        areUnnamed[operation.slot] = operation.kind == .openUnnamed
        record.put(result: descriptor < 0 ? -1 : 0)
        guard descriptor >= 0, world.kind == .mount, flags & OpenFlags.temporary != OpenFlags.temporary else { return }
        let follow = flags & OpenFlags.noFollow
        twins[operation.slot] = openat(source, operation.path.bytes, OpenFlags.pathOnly | O_CLOEXEC | follow)
    }

    private func target(_ operation: Operation) -> (Int32, Observation) {
        (0, Observation.of(operation.path, flags: operation.flags & OpenFlags.noFollow != 0 ? AT_SYMLINK_NOFOLLOW : 0))
    }

    func close(_ slot: Int, silently: Bool = false) {
        if twins[slot] >= 0 { Glibc.close(twins[slot]) }
        twins[slot] = -1
        if silently, descriptors[slot] < 0 { return }
        // A mapping alone keeps no lock in passthrough: see KnownDifferences.
        if mappings.contains(where: { $0 != nil }) {
            _ = flock(descriptors[slot], LOCK_UN)
            var all = Glibc.flock(
                l_type: Int16(F_UNLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
            _ = fcntl(descriptors[slot], Self.setOpenFileLock, &all)
        }
        let result = Glibc.close(descriptors[slot])
        descriptors[slot] = -1
        if silently { record.put(" closed") }
        record.put(result: Int(result))
    }

    func duplicate(_ operation: Operation) {
        guard operation.slot != operation.otherSlot else { return record.put(" same") }
        close(operation.otherSlot, silently: true)
        let copy = fcntl(descriptors[operation.slot], F_DUPFD_CLOEXEC, 0)
        record.put(result: copy < 0 ? -1 : 0)
        descriptors[operation.otherSlot] = copy
        areUnnamed[operation.otherSlot] = areUnnamed[operation.slot]
        if twins[operation.slot] >= 0 { twins[operation.otherSlot] = fcntl(twins[operation.slot], F_DUPFD_CLOEXEC, 0) }
    }

    /// Whether direct I/O would be refused for its alignment, which FUSE does not: see KnownDifferences.
    private func isUnaligned(_ operation: Operation, _ descriptor: Int32, writes: Bool) -> Bool {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, flags & OpenFlags.direct != 0, flags & OpenFlags.pathOnly == 0 else { return false }
        var start =
            operation.kind == .read || operation.kind == .write ? lseek(descriptor, 0, SEEK_CUR) : operation.offset
        // xfs looks at the position before it takes the end instead.
        if writes, flags & O_APPEND != 0 { start |= Observation.of(descriptor).status.st_size }
        let pieces = operation.kind == .readVector || operation.kind == .writeVector ? 3 : 1
        return start % 4096 != 0 || operation.length % 4096 != 0 || (pieces == 3 && operation.length / 3 % 4096 != 0)
    }

    func readBytes(_ operation: Operation) {
        let descriptor = descriptors[operation.slot]
        if isUnaligned(operation, descriptor, writes: false) { return record.put(" unaligned") }
        let length = Int(operation.length)
        // Of no bytes tmpfs takes note, and FUSE is not asked for them: see KnownDifferences.
        if length == 0, world.comparesAccessTime { return record.put(" nothing") }
        let count: Int
        switch operation.kind {
        case .read: count = Glibc.read(descriptor, buffer.baseAddress, length)
        case .readAt: count = pread(descriptor, buffer.baseAddress!, length, operation.offset)
        default:
            var pieces = self.pieces(length)
            count = preadv(descriptor, &pieces, 3, operation.offset)
        }
        record.put(result: count)
        if count > 0 { record.put(content: UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
    }

    func writeBytes(_ operation: Operation) {
        let descriptor = descriptors[operation.slot]
        if isUnaligned(operation, descriptor, writes: true) { return record.put(" unaligned") }
        let length = Int(operation.length)
        if world.servesCopies, reachesBeyondCopies(operation, descriptor) { return record.put(" beyond") }
        Content.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<length]), seed: operation.seed)
        switch operation.kind {
        case .write: record.put(result: Glibc.write(descriptor, buffer.baseAddress, length))
        case .writeAt: record.put(result: pwrite(descriptor, buffer.baseAddress!, length, operation.offset))
        default:
            var pieces = self.pieces(length)
            record.put(result: pwritev(descriptor, &pieces, 3, operation.offset))
        }
    }

    /// Whether a file would become larger than the room of all copies: see KnownDifferences.
    private func reachesBeyondCopies(_ operation: Operation, _ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFL)
        let start =
            flags >= 0 && flags & O_APPEND != 0
            ? Observation.of(descriptor).status.st_size
            : operation.kind == .write ? lseek(descriptor, 0, SEEK_CUR) : operation.offset
        return start > 100 << 20
    }

    /// Three pieces of the buffer, one after the other; page-aligned where the whole is.
    private func pieces(_ length: Int) -> [iovec] {
        let step = length % 4096 == 0 ? length / 3 & ~4095 : length / 3
        return [
            iovec(iov_base: buffer.baseAddress, iov_len: step),
            iovec(iov_base: buffer.baseAddress! + step, iov_len: step),
            iovec(iov_base: buffer.baseAddress! + 2 * step, iov_len: length - 2 * step),
        ]
    }

    func seek(_ operation: Operation) {
        let descriptor = descriptors[operation.slot]
        let looksForHoles = operation.flags == 3 || operation.flags == 4
        // Directory positions are each filesystem's own: see KnownDifferences.
        if Observation.of(descriptor).status.st_mode & S_IFMT == S_IFDIR { return record.put(" a directory") }
        let result = lseek(descriptor, operation.offset, operation.flags)
        let failure = errno
        let isInside = operation.offset < Observation.of(descriptor).status.st_size
        guard looksForHoles, result >= 0 || (failure == ENXIO && isInside) else {
            errno = failure
            return record.put(result: result)
        }
        // Where holes are depends on when the filesystem wrote back: only mount and source can be equal.
        record.put(" somewhere")
        // What comes next begins at the same place in both.
        lseek(descriptor, operation.offset, SEEK_SET)
        guard world.kind == .mount, twins[operation.slot] >= 0 else { return }
        let there = Glibc.open("/proc/self/fd/\(twins[operation.slot])", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard there >= 0 else { return }
        defer { Glibc.close(there) }
        let wanted = lseek(there, operation.offset, operation.flags)
        if wanted != result {
            record.put("\n  MOUNT AND SOURCE DIFFER seek:")
            record.put(result)
            record.put("/")
            record.put(wanted)
        }
    }

    func allocate(_ operation: Operation) {
        let zeroRange: Int32 = 16
        // FUSE takes set-id bits away before it asks, whatever then comes of it: see KnownDifferences.
        let isSetID = Observation.of(descriptors[operation.slot]).status.st_mode & (S_ISUID | S_ISGID) != 0
        if isSetID, geteuid() != 0 { return record.put(" set-id") }
        let mode = world.zeroesRanges ? operation.flags : operation.flags & ~zeroRange
        record.put(
            result: Int(
                folio_allocate(
                    descriptors[operation.slot], mode, Int64(operation.offset), Int64(operation.length))))
    }

    /// Whether a copy would be one onto itself: see KnownDifferences.
    private func overlaps(_ operation: Operation) -> Bool {
        let (from, to) = (Observation.of(descriptors[operation.slot]), Observation.of(descriptors[operation.otherSlot]))
        return from.failure == 0 && to.failure == 0 && from.status.st_ino == to.status.st_ino
            && abs(operation.offset - operation.third) < operation.length
    }

    func copyRange(_ operation: Operation) {
        for slot in [operation.slot, operation.otherSlot] {
            let flags = fcntl(descriptors[slot], F_GETFL)
            if flags > 0, flags & OpenFlags.direct != 0 { return record.put(" unaligned") }
        }
        if world.servesCopies, overlaps(operation) { return record.put(" overlapping") }
        // Below what any of the filesystems ends at: see KnownDifferences.
        if operation.third >= 1 << 43 { return record.put(" beyond") }
        var (from, to) = (Int64(operation.offset), Int64(operation.third))
        record.put(
            result: folio_copy_range(
                descriptors[operation.slot], &from, descriptors[operation.otherSlot], &to, Int(operation.length), 0))
    }

    func synchronize(_ operation: Operation) {
        let descriptor = descriptors[operation.slot]
        switch operation.flags {
        case 0: record.put(result: Int(fsync(descriptor)))
        case 1: record.put(result: Int(fdatasync(descriptor)))
        default: record.put(result: Int(folio_synchronize_filesystem(descriptor)))
        }
    }

    func statusHandle(_ operation: Operation) {
        let descriptor = descriptors[operation.slot]
        let flags = fcntl(descriptor, F_GETFL)
        // O_NONBLOCK is the executor's own.
        record.put(result: Int(flags < 0 ? -1 : flags & ~O_NONBLOCK))
        record.put(result: lseek(descriptor, 0, SEEK_CUR))
        let observation = Observation.of(descriptor)
        guard observation.failure == 0 else { return }
        put(observation.status)
    }
}
