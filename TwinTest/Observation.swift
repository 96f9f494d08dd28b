import Glibc

/// What stat(2) says of a path or a descriptor at one moment.
struct Observation {
    /// 0, or why there is no status.
    var failure: Int32 = 0
    var status = stat()

    static func of(_ path: Name, in directory: Int32 = AT_FDCWD, flags: Int32 = AT_SYMLINK_NOFOLLOW) -> Observation {
        var observation = Observation()
        if fstatat(directory, path.bytes, &observation.status, flags) != 0 { observation.failure = errno }
        return observation
    }

    static func of(_ descriptor: Int32) -> Observation {
        var observation = Observation()
        if fstat(descriptor, &observation.status) != 0 { observation.failure = errno }
        return observation
    }

    /// The fields in which a mount and its source differ, as "name:mount/source"; nil: none.
    func difference(_ source: Observation, accessTime: Bool, times: Bool, blocks: Bool) -> String? {
        if failure != 0 || source.failure != 0 {
            return failure == source.failure ? nil : "errno:\(failure)/\(source.failure)"
        }
        let (mine, theirs) = (status, source.status)
        var found: [String] = []
        func compare(_ name: String, _ mine: Int, _ theirs: Int) {
            if mine != theirs { found.append("\(name):\(mine)/\(theirs)") }
        }
        compare("ino", Int(mine.st_ino), Int(theirs.st_ino))
        compare("mode", Int(mine.st_mode), Int(theirs.st_mode))
        compare("nlink", Int(mine.st_nlink), Int(theirs.st_nlink))
        compare("uid", Int(mine.st_uid), Int(theirs.st_uid))
        compare("gid", Int(mine.st_gid), Int(theirs.st_gid))
        compare("size", mine.st_size, theirs.st_size)
        compare("rdev", Int(mine.st_rdev), Int(theirs.st_rdev))
        if blocks { compare("blocks", mine.st_blocks, theirs.st_blocks) }
        compare("blksize", Int(mine.st_blksize), Int(theirs.st_blksize))
        func compare(_ name: String, _ mine: timespec, _ theirs: timespec) {
            if mine.tv_sec != theirs.tv_sec || mine.tv_nsec != theirs.tv_nsec {
                found.append("\(name):\(mine.tv_sec).\(mine.tv_nsec)/\(theirs.tv_sec).\(theirs.tv_nsec)")
            }
        }
        guard times else { return found.isEmpty ? nil : found.joined(separator: " ") }
        compare("mtime", mine.st_mtim, theirs.st_mtim)
        compare("ctime", mine.st_ctim, theirs.st_ctim)
        if accessTime, times, mine.st_mode & S_IFMT == S_IFREG { compare("atime", mine.st_atim, theirs.st_atim) }
        return found.isEmpty ? nil : found.joined(separator: " ")
    }
}
