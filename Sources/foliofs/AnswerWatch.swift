import CLinuxShims
import FolioFS
import Glibc
import SystemPackage

/// Asks a mount again and again, and tells whoever waits for that each time it has answered.
enum AnswerWatch {
    /// Begins, on a thread of its own.
    ///
    /// - Parameters:
    ///   - interval: milliseconds between two questions.
    ///   - tell: called now, and after each answer.
    static func begin(_ mountpoint: FilePath, every interval: Int, _ tell: @escaping @Sendable () -> Void) {
        BackgroundThread.run {
            while true {
                tell()
                usleep(UInt32(clamping: interval * 1000))
                awaitAnswer(of: mountpoint)
            }
        }
    }

    /// Asks something that the server answers by itself, whatever has become of the source: an attribute that directories have not.
    private static func awaitAnswer(of mountpoint: FilePath) {
        _ = mountpoint.withPlatformString { getxattr($0, "user.foliofs.route", nil, 0) }
    }
}
