/// An operation of the kernel's protocol, by its number (FUSE_* of Linux 6.18 include/uapi/linux/fuse.h, enum fuse_opcode).
public struct RequestOperation: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public let rawValue: UInt32

    /// An operation from its number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// An operation from its name; nil: no operation has it.
    public init?(name: String) {
        guard !name.isEmpty, let number = Self.names.firstIndex(of: name) else { return nil }
        self.init(rawValue: UInt32(number))
    }

    /// The kernel's word without its prefix, in small letters: `batch-forget` for FUSE_BATCH_FORGET; `operation-54` for one that has
    /// none here.
    public var name: String {
        guard rawValue < Self.names.count, !Self.names[Int(rawValue)].isEmpty else { return "operation-\(rawValue)" }
        return Self.names[Int(rawValue)]
    }

    /// The name.
    public var description: String { name }

    /// By number.
    public static func < (left: RequestOperation, right: RequestOperation) -> Bool { left.rawValue < right.rawValue }

    /// By number; empty: there is none of that number.
    private static let names = [
        "", "lookup", "forget", "getattr", "setattr", "readlink", "symlink", "", "mknod", "mkdir", "unlink", "rmdir",
        "rename", "link", "open", "read", "write", "statfs", "release", "", "fsync", "setxattr", "getxattr",
        "listxattr", "removexattr", "flush", "init", "opendir", "readdir", "releasedir", "fsyncdir", "getlk", "setlk",
        "setlkw", "access", "create", "interrupt", "bmap", "destroy", "ioctl", "poll", "notify-reply", "batch-forget",
        "fallocate", "readdirplus", "rename2", "lseek", "copy-file-range", "setupmapping", "removemapping", "syncfs",
        "tmpfile", "statx", "copy-file-range-64",
    ]
}
