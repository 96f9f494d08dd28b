import CLinuxShims
import FolioFS
import Glibc
import LinuxFacts
import SystemPackage

/// What ties a private mount to the process that asked for it.
enum Lifeline {
    /// Takes a mount out of this process's tree, on a thread, when the other end of a pipe is closed everywhere: whoever
    /// covers something with it by then keeps it, and the server ends with the last of them.
    static func watch(_ descriptor: Int32, mountpoint: FilePath) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        BackgroundThread.run {
            var byte: UInt8 = 0
            while let count = try? systemCall({ read(descriptor, &byte, 1) }), count > 0 {}
            close(descriptor)
            _ = mountpoint.withPlatformString { folio_unmount($0, Int32(FOLIO_MNT_DETACH)) }
        }
    }
}
