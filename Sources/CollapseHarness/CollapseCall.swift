import FolioPolicy
import Glibc
import LinuxFacts
import SystemPackage

/// A MADV_COLLAPSE of one chunk, tried again where a race may have made it fail.
enum CollapseCall {
    /// How often at most.
    static let attempts = 12

    /// Calls until it succeeds, fails for good, or has failed `attempts` times.
    ///
    /// EAGAIN comes of writeback, of extra references and of the LRU's per-CPU batches; so may EINVAL and EBUSY where the
    /// policy sees nothing in the way.
    /// - Returns: the errno of the last call by name; nil: it succeeded.
    static func run(expecting decision: Decision, _ call: () throws(Errno) -> Void) -> String? {
        var last: String?
        for attempt in 0..<attempts {
            do throws(Errno) {
                try call()
                return nil
            } catch {
                last = error.name
                let again = error == .resourceTemporarilyUnavailable && decision.errno != error.name
                guard again || decision.verdict == .allowed else { return last }
                usleep(1000 << UInt32(min(attempt, 6)))
            }
        }
        return last
    }
}
