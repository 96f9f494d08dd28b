import CLinuxShims
import Glibc

/// Names, and what is asked of a path.
extension Executor {
    func rename(_ operation: Operation) {
        // A whiteout that fails on a full directory: see KnownDifferences.
        if operation.flags & 4 != 0, Observation.of(operation.otherPath).status.st_mode & S_IFMT == S_IFDIR {
            return record.put(" onto a directory")
        }
        record.put(
            result: Int(
                folio_rename(
                    AT_FDCWD, operation.path.bytes, AT_FDCWD, operation.otherPath.bytes,
                    UInt32(bitPattern: operation.flags))))
    }

    func link(_ operation: Operation) {
        record.put(
            result: Int(linkat(AT_FDCWD, operation.path.bytes, AT_FDCWD, operation.otherPath.bytes, operation.flags)))
    }

    func linkHandle(_ operation: Operation) {
        guard descriptors[operation.slot] >= 0 else { return record.put(" none") }
        record.put(
            result: Int(
                linkat(
                    AT_FDCWD, "/proc/self/fd/\(descriptors[operation.slot])", AT_FDCWD, operation.otherPath.bytes,
                    AT_SYMLINK_FOLLOW)))
    }

    func makeLink(_ operation: Operation) {
        record.put(result: Int(symlink(Name(operation.value).bytes, operation.path.bytes)))
    }

    func readLink(_ operation: Operation) {
        let count = readlink(
            operation.path.bytes, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), 4096)
        record.put(result: count)
        if count > 0 { record.put(content: UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
    }

    /// Whether a file has set-id bits and is not the process's: see KnownDifferences.
    private func areSetIDsOfAnother(_ operation: Operation) -> Bool {
        let isByHandle = operation.kind == .changeOwnerHandle
        let there = isByHandle ? Observation.of(descriptors[operation.slot]) : Observation.of(operation.path, flags: 0)
        return there.failure == 0 && there.status.st_mode & (S_ISUID | S_ISGID) != 0 && there.status.st_uid != geteuid()
            && geteuid() != 0
    }

    func changeOwner(_ operation: Operation) {
        if operation.offset < 0, operation.length < 0, areSetIDsOfAnother(operation) { return record.put(" another's") }
        let user = uid_t(truncatingIfNeeded: operation.offset)
        let group = gid_t(truncatingIfNeeded: operation.length)
        if operation.kind == .changeOwnerHandle {
            record.put(result: Int(fchown(descriptors[operation.slot], user, group)))
        } else {
            record.put(result: Int(fchownat(AT_FDCWD, operation.path.bytes, user, group, operation.flags)))
        }
    }

    func setTimes(_ operation: Operation) {
        var times = [
            timespec(tv_sec: Int(operation.offset), tv_nsec: Int(operation.length)),
            timespec(tv_sec: Int(operation.third), tv_nsec: Int(operation.fourth)),
        ]
        if operation.kind == .setTimesHandle {
            record.put(result: Int(futimens(descriptors[operation.slot], &times)))
        } else {
            record.put(result: Int(utimensat(AT_FDCWD, operation.path.bytes, &times, operation.flags)))
        }
    }

    func status(_ operation: Operation) {
        let observation = Observation.of(operation.path, flags: operation.flags)
        guard observation.failure == 0 else {
            record.put(" !")
            return record.put(Int(observation.failure))
        }
        put(observation.status)
        if world.kind == .mount, leadsNowhereElse(operation.path) {
            compareSource(observation, .of(operation.path, in: source, flags: operation.flags), operation)
        }
    }

    /// Links lead to the same places in mount and source unless they are absolute.
    private func leadsNowhereElse(_ path: Name) -> Bool { path.bytes.first != CChar(UInt8(ascii: "/")) }

    func statistics(_ operation: Operation) {
        var mine = statvfs()
        let result = statvfs(operation.path.bytes, &mine)
        record.put(result: Int(result))
        guard result == 0 else { return }
        record.put(" ")
        record.put(unsigned: mine.f_bsize)
        record.put(" ")
        record.put(unsigned: mine.f_frsize)
        record.put(" ")
        record.put(unsigned: mine.f_namemax)
        record.put(" ")
        record.put(unsigned: mine.f_blocks)
    }

    /// Runs the program that `Content` writes, and what cannot be a program; nothing else.
    func execute(_ operation: Operation) {
        // A mapping of a descriptor that is closed keeps it from running natively alone: see KnownDifferences.
        if mapped.isMapped(Observation.of(operation.path, flags: 0).status.st_ino) { return record.put(" mapped") }
        let file = Glibc.open(operation.path.bytes, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if file >= 0 {
            let count = Glibc.read(file, buffer.baseAddress, Content.program.count)
            Glibc.close(file)
            let start = Array(buffer[..<max(count, 0)])
            let isOurs = start == Content.program
            let isProgram = start.starts(with: [0x7f]) || start.starts(with: [0x23, 0x21])
            guard isOurs || !isProgram else { return record.put(" another program") }
        } else if access(operation.path.bytes, X_OK) == 0 {
            return record.put(" unreadable")
        }
        var child: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("program"), nil]
        defer { free(words[0]) }
        let failure = posix_spawn(&child, operation.path.bytes, nil, nil, &words, environ)
        record.put(" !")
        record.put(Int(failure))
        guard failure == 0 else { return }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        record.put(" status ")
        record.put(Int(status), base: 16)
    }

    /// Only a mount promotes. Whatever it answers, nothing that programs see may change.
    func promote(_ operation: Operation) {
        guard world.kind == .mount else { return }
        var child: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = ["foliofs", "promote", "--wait", "--"].map { (word: String) in
            strdup(word)
        }
        words.append(operation.path.bytes.withUnsafeBufferPointer { strdup($0.baseAddress!) })
        words.append(nil)
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in 0..<Int32(3) { posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0) }
        guard posix_spawn(&child, world.foliofs, &actions, nil, &words, environ) == 0 else { return }
        var status: Int32 = 0
        waitpid(child, &status, 0)
    }
}
