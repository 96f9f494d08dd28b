import CFuse3
import Glibc

/// A byte range of a POSIX lock, as fcntl(2) has it.
public struct Lock: Sendable {
    /// F_RDLCK, F_WRLCK or F_UNLCK.
    public var type: Int16
    /// The first byte.
    public var start: Int64
    /// Bytes; 0: to the end of the file, however it grows.
    public var length: Int64
    /// The process that holds it.
    public var process: Int32

    /// A lock from its parts.
    public init(type: Int16, start: Int64, length: Int64, process: Int32) {
        self.type = type
        self.start = start
        self.length = length
        self.process = process
    }

    init(_ lock: flock) {
        self.init(type: lock.l_type, start: Int64(lock.l_start), length: Int64(lock.l_len), process: lock.l_pid)
    }

    /// The structure that fcntl(2) takes, relative to the start of the file.
    var cValue: flock {
        flock(
            l_type: type, l_whence: Int16(SEEK_SET), l_start: Int(start), l_len: Int(length), l_pid: process)
    }
}
