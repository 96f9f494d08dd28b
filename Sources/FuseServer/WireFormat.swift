import CFuse3
import Glibc

extension Entry {
    /// As libfuse takes it.
    var parameter: fuse_entry_param {
        fuse_entry_param(
            ino: node?.rawValue ?? 0, generation: generation, attr: attributes.status,
            attr_timeout: attributes.timeout, entry_timeout: timeout)
    }

    /// As the kernel takes it (Linux include/uapi/linux/fuse.h fuse_entry_out).
    var wire: folio_fuse_entry_out {
        folio_fuse_entry_out(
            nodeid: node?.rawValue ?? 0, generation: generation, entry_valid: UInt64(timeout),
            attr_valid: UInt64(attributes.timeout), entry_valid_nsec: nanoseconds(timeout),
            attr_valid_nsec: nanoseconds(attributes.timeout), attr: attributes.wire)
    }
}

/// The part of a timeout below a second.
func nanoseconds(_ seconds: Double) -> UInt32 { UInt32((seconds - seconds.rounded(.down)) * 1e9) }

extension Attributes {
    /// As the kernel takes them (fuse_attr); a time before 1970 keeps its bits.
    var wire: folio_fuse_attr {
        folio_fuse_attr(
            ino: UInt64(status.st_ino), size: UInt64(status.st_size), blocks: UInt64(status.st_blocks),
            atime: UInt64(bitPattern: Int64(status.st_atim.tv_sec)),
            mtime: UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
            ctime: UInt64(bitPattern: Int64(status.st_ctim.tv_sec)), atimensec: UInt32(status.st_atim.tv_nsec),
            mtimensec: UInt32(status.st_mtim.tv_nsec), ctimensec: UInt32(status.st_ctim.tv_nsec),
            mode: status.st_mode, nlink: UInt32(truncatingIfNeeded: status.st_nlink), uid: status.st_uid,
            gid: status.st_gid, rdev: UInt32(truncatingIfNeeded: status.st_rdev),
            blksize: UInt32(truncatingIfNeeded: status.st_blksize), flags: 0)
    }
}

extension OpenReply {
    /// As the kernel takes it (fuse_open_out, protocol 7.40).
    var wire: folio_fuse_open_out {
        folio_fuse_open_out(fh: handle.rawValue, open_flags: flags.rawValue, backing_id: backing?.rawValue ?? 0)
    }
}

extension ExtendedStatus {
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
