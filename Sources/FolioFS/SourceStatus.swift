import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// What statx(2) says of a node of the source: what programs see of it, and on which mount it is.
struct SourceStatus {
    var status: stat
    /// The mount's id, as mountinfo has it; 0 before Linux 5.8.
    let mount: UInt64

    var device: UInt64 { UInt64(status.st_dev) }
    var number: UInt64 { UInt64(status.st_ino) }
    var isDirectory: Bool { status.st_mode & S_IFMT == S_IFDIR }

    /// The entry of a directory; a symbolic link is not followed, and an automount not set off.
    @inline(__always)
    init(_ directory: Int32, _ name: UnsafePointer<CChar>) throws(Errno) {
        try self.init(directory, name, Int32(FOLIO_AT_SYMLINK_NOFOLLOW | FOLIO_AT_NO_AUTOMOUNT))
    }

    /// An open file.
    @inline(__always)
    init(_ descriptor: Int32) throws(Errno) { try self.init(descriptor, "", SourceFlags.emptyPath) }

    private init(_ directory: Int32, _ name: UnsafePointer<CChar>, _ flags: Int32) throws(Errno) {
        var found = folio_statx()
        let mask = UInt32(FOLIO_STATX_BASIC_STATS | FOLIO_STATX_MNT_ID)
        _ = try systemCall { folio_statx(directory, name, flags, mask, &found) }
        mount = found.mask & UInt32(FOLIO_STATX_MNT_ID) != 0 ? found.mount_id : 0
        status = stat()
        status.st_dev = Self.device(found.dev_major, found.dev_minor)
        status.st_ino = numericCast(found.inode)
        status.st_mode = mode_t(found.mode)
        status.st_nlink = numericCast(found.links)
        status.st_uid = found.user
        status.st_gid = found.group
        status.st_rdev = Self.device(found.rdev_major, found.rdev_minor)
        status.st_size = numericCast(found.size)
        status.st_blksize = numericCast(found.block_size)
        status.st_blocks = numericCast(found.blocks)
        status.st_atim = Self.time(found.access)
        status.st_mtim = Self.time(found.modification)
        status.st_ctim = Self.time(found.change)
    }

    /// makedev(3), which is a macro.
    private static func device(_ major: UInt32, _ minor: UInt32) -> dev_t {
        let (major, minor) = (UInt64(major), UInt64(minor))
        return numericCast((major & ~0xfff) << 32 | (major & 0xfff) << 8 | (minor & ~0xff) << 12 | minor & 0xff)
    }

    private static func time(_ time: folio_statx_time) -> timespec {
        timespec(tv_sec: numericCast(time.seconds), tv_nsec: numericCast(time.nanoseconds))
    }
}
