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
