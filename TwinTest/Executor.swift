import CLinuxShims
import Glibc

/// Does operations as one process of one world, and writes down what they came to.
final class Executor {
    let world: World
    let operations: [Operation]
    var record: Record
    /// The episode's directory in the source, where the world is a mount.
    let source: Int32
    var descriptors = [Int32](repeating: -1, count: OperationGenerator.slots)
    /// The same files in the source, opened O_PATH, so that even what has no name any more is compared.
    var twins = [Int32](repeating: -1, count: OperationGenerator.slots)
    /// Those that were opened with O_TMPFILE.
    var areUnnamed = [Bool](repeating: false, count: OperationGenerator.slots)
    var mappings = [UnsafeMutableRawBufferPointer?](repeating: nil, count: OperationGenerator.mappings)
    /// Of each mapping its file, opened O_PATH, and where in it the mapping begins.
    var mappedFiles = [(file: Int32, offset: Int)](
        repeating: (-1, 0), count: OperationGenerator.mappings)
    var streams = [DirectoryStream?](repeating: nil, count: OperationGenerator.streams)
    /// For transfers; page-aligned, as direct I/O wants it.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 4096)
    /// A pipe through which mapped memory is read and written, so that a fault that fails is an errno.
    var pipes: [Int32] = [-1, -1]
    /// Process ids of the world's workers, to name the holder of a lock.
    let workers: UnsafeMutablePointer<pid_t>
    let mapped: MappedInodes
    let now = time(nil)

    init(
        _ world: World, _ operations: [Operation], _ record: Record, source: Int32,
        workers: UnsafeMutablePointer<pid_t>, mapped: MappedInodes
    ) {
        self.world = world
        self.operations = operations
        self.record = record
        self.source = source
        self.workers = workers
        self.mapped = mapped
        pipe(&pipes)
        for end in pipes { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    /// Does one operation and writes its record.
    func play(_ index: Int) {
        let operation = operations[index]
        record.begin(index)
        if operation.observes {
            let before = look(operation)
            perform(operation, index)
            describe(operation, before)
        } else {
            perform(operation, index)
        }
        record.finish()
    }

    // MARK: - What is looked at

    private struct Looks {
        var path = Observation()
        var parent = Observation()
        var other = Observation()
        var otherParent = Observation()
        var handle = Observation()
    }

    private func look(_ operation: Operation) -> Looks {
        var looks = Looks()
        if !operation.path.isEmpty {
            looks.path = .of(operation.path)
            looks.parent = .of(operation.path.parent)
        }
        if !operation.otherPath.isEmpty {
            looks.other = .of(operation.otherPath)
            looks.otherParent = .of(operation.otherPath.parent)
        }
        // Before an open it is another file, whose inode number the new one may get.
        let opens = operation.kind == .open || operation.kind == .openUnnamed
        looks.handle.failure = EBADF
        if operation.slot >= 0, !opens { looks.handle = .of(descriptors[operation.slot]) }
        return looks
    }

    private func describe(_ operation: Operation, _ before: Looks) {
        if !operation.path.isEmpty {
            record.put("\n  path")
            describe(operation.path, before.path, operation)
            record.put("\n  parent")
            describe(operation.path.parent, before.parent, operation)
        }
        if !operation.otherPath.isEmpty {
            record.put("\n  other")
            describe(operation.otherPath, before.other, operation)
            record.put("\n  other parent")
            describe(operation.otherPath.parent, before.otherParent, operation)
        }
        if operation.slot >= 0 {
            record.put("\n  handle")
            let after = Observation.of(descriptors[operation.slot])
            describe(after, before.handle, operation)
            if world.kind == .mount, twins[operation.slot] >= 0 {
                compareSource(after, Observation.of(twins[operation.slot]), operation)
            }
        }
    }

    private func describe(_ path: Name, _ before: Observation, _ operation: Operation) {
        let after = Observation.of(path)
        describe(after, before, operation)
        if world.kind == .mount { compareSource(after, .of(path, in: source), operation) }
    }

    func compareSource(_ mine: Observation, _ theirs: Observation, _ operation: Operation) {
        let difference = mine.difference(
            theirs, accessTime: world.comparesAccessTime, times: !mapped.isStoredTo(mine.status.st_ino),
            blocks: world.comparesBlocks && !mapped.isMapped(mine.status.st_ino))
        guard let difference else { return }
        record.put("\n  MOUNT AND SOURCE DIFFER ")
        record.put(bytes: Array(difference.utf8))
    }

    private func describe(_ after: Observation, _ before: Observation, _ operation: Operation) {
        guard after.failure == 0 else {
            record.put(" !")
            record.put(Int(after.failure))
            return
        }
        put(after.status)
        guard before.failure == 0, before.status.st_ino == after.status.st_ino else {
            record.put(" new")
            return
        }
        guard !mapped.isStoredTo(after.status.st_ino), hasOwnTimes(after.status),
            world.comparesDirectoryTimes || after.status.st_mode & S_IFMT != S_IFDIR
        else { return }
        if !equal(before.status.st_mtim, after.status.st_mtim) { record.put(" m+") }
        if !equal(before.status.st_ctim, after.status.st_ctim) { record.put(" c+") }
    }

    /// The fields that two trees with the same history have in common.
    func put(_ status: stat) {
        record.put(" ")
        record.put(Int(status.st_mode), base: 8)
        record.put(" n")
        record.put(Int(status.st_nlink))
        record.put(" u")
        record.put(Int(status.st_uid))
        record.put(" g")
        record.put(Int(status.st_gid))
        record.put(" s")
        record.put(status.st_size)
        if status.st_rdev != 0 {
            record.put(" d")
            record.put(Int(status.st_rdev), base: 16)
        }
        if world.comparesAccessTime, !mapped.isStoredTo(status.st_ino), status.st_mode & S_IFMT == S_IFREG {
            put(" a", status.st_atim)
        }
        if !mapped.isStoredTo(status.st_ino), hasOwnTimes(status) { put(" m", status.st_mtim) }
    }

    /// Whether the times change by nothing that FUSE does not hear of: see KnownDifferences.
    private func hasOwnTimes(_ status: stat) -> Bool {
        ![S_IFIFO, S_IFCHR, S_IFBLK, S_IFSOCK].contains(status.st_mode & S_IFMT)
    }

    /// A time that somebody set is told in full; one that the kernel set is "now".
    private func put(_ label: StaticString, _ time: timespec) {
        record.put(label)
        guard abs(time.tv_sec - now) > 43200 else { return record.put("now") }
        record.put(time.tv_sec)
        record.put(".")
        record.put(time.tv_nsec)
    }

    private func equal(_ one: timespec, _ other: timespec) -> Bool {
        one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec
    }

    // MARK: - Dispatch

    private func perform(_ operation: Operation, _ index: Int) {
        switch operation.kind {
        case .open, .openUnnamed: open(operation)
        case .close: close(operation.slot)
        case .duplicate: duplicate(operation)
        case .read, .readAt, .readVector: readBytes(operation)
        case .write, .writeAt, .writeVector: writeBytes(operation)
        case .seek: seek(operation)
        case .truncate: record.put(result: Int(Glibc.truncate(operation.path.bytes, operation.offset)))
        case .truncateHandle: record.put(result: Int(ftruncate(descriptors[operation.slot], operation.offset)))
        case .allocate: allocate(operation)
        case .copyRange: copyRange(operation)
        case .map: map(operation)
        case .load: load(operation)
        case .store: store(operation)
        case .synchronizeMap: synchronizeMap(operation)
        case .unmap: unmap(operation.otherSlot)
        case .synchronize: synchronize(operation)
        case .rename: rename(operation)
        case .link: link(operation)
        case .linkHandle: linkHandle(operation)
        case .makeLink: makeLink(operation)
        case .readLink: readLink(operation)
        case .unlink: record.put(result: Int(Glibc.unlink(operation.path.bytes)))
        case .removeDirectory: record.put(result: Int(rmdir(operation.path.bytes)))
        case .makeDirectory: record.put(result: Int(mkdir(operation.path.bytes, operation.mode)))
        case .makeNode:
            record.put(result: Int(mknodat(AT_FDCWD, operation.path.bytes, operation.mode, dev_t(operation.offset))))
        case .changeMode: record.put(result: Int(chmod(operation.path.bytes, operation.mode)))
        case .changeModeHandle: record.put(result: Int(fchmod(descriptors[operation.slot], operation.mode)))
        case .changeOwner, .changeOwnerHandle: changeOwner(operation)
        case .setTimes, .setTimesHandle: setTimes(operation)
        case .setAttribute: setAttribute(operation)
        case .getAttribute: getAttribute(operation)
        case .listAttributes: listAttributes(operation)
        case .removeAttribute: removeAttribute(operation)
        case .lockFile: record.put(result: Int(flock(descriptors[operation.slot], operation.flags)))
        case .setLock, .getLock: recordLock(operation)
        case .list: list(operation)
        case .listFromMiddle: listFromMiddle(operation)
        case .openStream: openStream(operation, index)
        case .readStream: readStream(operation)
        case .seekStream: seekStream(operation)
        case .closeStream: closeStream(operation, index)
        case .status: status(operation)
        case .statusHandle: statusHandle(operation)
        case .statistics: statistics(operation)
        case .access:
            record.put(result: Int(faccessat(AT_FDCWD, operation.path.bytes, Int32(operation.mode), operation.flags)))
        case .execute: execute(operation)
        case .setMask: record.put(result: Int(umask(operation.mode)))
        case .promote: promote(operation)
        case .compareTree: compareTree()
        }
    }
}
