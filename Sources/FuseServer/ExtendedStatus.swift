import CFuse3
public import Glibc

/// A node's attributes as statx(2) has them.
public struct ExtendedStatus: Sendable {
    /// What stat(2) answers, and for how long the kernel may keep it.
    public var attributes: Attributes
    /// When the file was made; nil: the filesystem does not know.
    public var birth: timespec?

    /// A status from its parts.
    public init(_ attributes: Attributes, birth: timespec?) {
        self.attributes = attributes
        self.birth = birth
    }

    /// As the kernel takes it (fuse_statx_out).
    var wire: folio_fuse_statx_out {
        let basic = attributes.wire
        var out = folio_fuse_statx_out()
        out.attr_valid = UInt64(attributes.timeout)
        out.attr_valid_nsec = nanoseconds(attributes.timeout)
        // STATX_BASIC_STATS, STATX_BTIME.
        out.mask = birth == nil ? 0x7ff : 0xfff
        out.blksize = basic.blksize
        out.nlink = basic.nlink
        out.uid = basic.uid
        out.gid = basic.gid
        out.mode = UInt16(truncatingIfNeeded: basic.mode)
        out.ino = basic.ino
        out.size = basic.size
        out.blocks = basic.blocks
        out.atime = Self.time(attributes.status.st_atim)
        out.mtime = Self.time(attributes.status.st_mtim)
        out.ctime = Self.time(attributes.status.st_ctim)
        if let birth { out.btime = Self.time(birth) }
        let device = UInt64(attributes.status.st_rdev)
        out.rdev_major = UInt32((device >> 8) & 0xfff | (device >> 32) & ~0xfff)
        out.rdev_minor = UInt32(device & 0xff | (device >> 12) & 0xffff_ff00)
        return out
    }

    private static func time(_ time: timespec) -> folio_fuse_statx_time {
        folio_fuse_statx_time(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec), reserved: 0)
    }
}
