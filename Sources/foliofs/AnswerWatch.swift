import CLinuxShims
import FolioFS
import Glibc
import Synchronization
import SystemPackage

/// Asks a mount again and again whether it answers, and tells whoever wants to know that it does.
enum AnswerWatch {
    /// Begins, on threads of its own; where there can be none nobody is told.
    ///
    /// - Parameters:
    ///   - interval: milliseconds.
    ///   - isHeldUp: whether the server cannot answer because all of it waits, for the source.
    ///   - tell: called after each `interval` in which the mount has answered, or was held up.
    static func begin(
        _ mountpoint: FilePath, every interval: Int, isHeldUp: @escaping @Sendable () -> Bool,
        _ tell: @escaping @Sendable () -> Void
    ) {
        let answer = Answer()
        let half = UInt32(clamping: max(1, interval / 2) * 1000)
        try? BackgroundThread.start {
            while true {
                usleep(half)
                awaitAnswer(of: mountpoint)
                answer.isThere.store(true, ordering: .relaxed)
            }
        }
        try? BackgroundThread.start {
            while true {
                usleep(2 * half)
                if answer.isThere.exchange(false, ordering: .relaxed) || isHeldUp() { tell() }
            }
        }
    }

    private final class Answer: Sendable {
        let isThere = Atomic(false)
    }

    /// Asks something that the server answers by itself, whatever has become of the source.
    private static func awaitAnswer(of mountpoint: FilePath) {
        _ = mountpoint.withPlatformString { getxattr($0, AnswerQuestion.attribute, nil, 0) }
    }
}
