import CFuse3
import Glibc

/// What of a request's length follows from its operation: libfuse trusts it, so it is checked before.
///
/// Source: Linux 6.18 include/uapi/linux/fuse.h, read. An operation that is not listed is answered ENOSYS unread.
enum RequestShape {
    /// The most that one request may ask to be filled, in bytes: a bound on what is allocated for an answer.
    private static let largestAnswer: UInt32 = 64 << 20

    /// Whether everything that the operation's handler reads is there.
    static func holds(_ request: RawRequest) -> Bool {
        let body = request.body
        guard let (size, names) = fixed(request.header.opcode), body.count >= size else {
            return fixed(request.header.opcode) == nil
        }
        var rest = UnsafeRawBufferPointer(rebasing: body[size...])
        for _ in 0..<names {
            guard let end = rest.firstIndex(of: 0) else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        func field(_ offset: Int) -> UInt32 { body.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
        switch request.header.opcode {
        case 15, 28, 44: return field(16) <= largestAnswer  // READ, READDIR, READDIRPLUS
        case 16: return rest.count >= Int(field(16))  // WRITE
        case 21: return rest.count >= Int(field(0))  // SETXATTR
        case 22, 23: return field(0) <= largestAnswer  // GETXATTR, LISTXATTR
        case 26: return body.count >= (field(12) & UInt32(FOLIO_FUSE_INIT_EXT) == 0 ? 16 : 64)  // INIT
        case 39: return rest.count >= Int(field(24)) && field(28) <= largestAnswer  // IOCTL
        case 42: return rest.count >= Int(field(0)) * 16  // BATCH_FORGET
        default: return true
        }
    }

    /// The size of the operation's own structure, and how many names follow it; nil: not listed.
    private static func fixed(_ opcode: UInt32) -> (size: Int, names: Int)? {
        switch opcode {
        case 1, 10, 11, 24: (0, 1)  // LOOKUP, UNLINK, RMDIR, REMOVEXATTR
        case 5, 17, 38: (0, 0)  // READLINK, STATFS, DESTROY
        case 6: (0, 2)  // SYMLINK
        case 2, 14, 23, 27, 34, 36, 42, 50: (8, 0)  // FORGET, OPEN, OPENDIR, ACCESS and more
        case 9, 13, 22: (8, 1)  // MKDIR, LINK, GETXATTR
        case 21: (8, 1)  // SETXATTR; 8 bytes more where FUSE_SETXATTR_EXT was granted
        case 12: (8, 2)  // RENAME
        case 3, 20, 26, 30, 37: (16, 0)  // GETATTR, FSYNC, INIT, FSYNCDIR, BMAP
        case 8, 35, 51: (16, 1)  // MKNOD, CREATE, TMPFILE
        case 45: (16, 2)  // RENAME2
        case 18, 25, 29, 40, 46, 52: (24, 0)  // RELEASE, FLUSH, RELEASEDIR, POLL, LSEEK, STATX
        case 39, 43: (32, 0)  // IOCTL, FALLOCATE
        case 15, 16, 28, 41, 44: (40, 0)  // READ, WRITE, READDIR, NOTIFY_REPLY, READDIRPLUS
        case 31, 32, 33: (48, 0)  // GETLK, SETLK, SETLKW
        case 47, 53: (56, 0)  // COPY_FILE_RANGE, COPY_FILE_RANGE_64
        case 4: (88, 0)  // SETATTR
        default: nil
        }
    }
}
