import CLinuxShims
import FolioFS
import Glibc
import Synchronization
import SystemPackage

/// Asks a mount again and again whether it answers, and tells whoever wants to know that it does.
enum AnswerWatch {
    /// Begins, on threads of its own.
    ///
    /// - Parameters:
    ///   - interval: milliseconds.
    ///   - isHeldUp: whether the server cannot answer because all of it waits, for the source.
    ///   - tell: called each `interval` in which the mount has answered, or was held up.
    static func begin(
        _ mountpoint: FilePath, every interval: Int, isHeldUp: @escaping @Sendable () -> Bool,
        _ tell: @escaping @Sendable () -> Void
    ) {
        let answer = Answer()
        BackgroundThread.run {
            while true {
                awaitAnswer(of: mountpoint)
                answer.isThere.store(true, ordering: .relaxed)
                usleep(UInt32(clamping: interval * 500))
            }
        }
        BackgroundThread.run {
            while true {
                usleep(UInt32(clamping: interval * 1000))
                if answer.isThere.exchange(false, ordering: .relaxed) || isHeldUp() { tell() }
            }
        }
    }

    private final class Answer: Sendable {
        let isThere = Atomic(false)
    }

    /// Asks something that the server answers by itself, whatever has become of the source: an attribute that directories have not.
    private static func awaitAnswer(of mountpoint: FilePath) {
        _ = mountpoint.withPlatformString { getxattr($0, "user.foliofs.route", nil, 0) }
    }
}
