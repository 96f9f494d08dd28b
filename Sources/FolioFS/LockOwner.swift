import Glibc

/// What one owner of POSIX locks holds on one inode: a descriptor of the source of its own, whose open file description
/// locks (fcntl(2) F_OFD_SETLK) are seen by programs on the source and end with it.
final class LockOwner: Sendable {
    let descriptor: Int32
    /// The process that locked first, for F_GETLK's answer.
    let process: Int32

    init(descriptor: Int32, process: Int32) {
        self.descriptor = descriptor
        self.process = process
    }

    deinit { close(descriptor) }
}
