import CFuse3
import Glibc

/// The request that the calling thread handles, seen as one that another daemon may have begun.
public enum Attempt {
    /// Set by the kernel in the number of a request that it sends again (Linux 6.9 FUSE_UNIQUE_RESEND).
    static let resent: UInt64 = 1 << 63

    /// Its number, the same however often the kernel sends it; 0: the thread handles none.
    public static var unique: UInt64 { (CurrentRequest.raw?.header.unique ?? 0) & ~resent }

    /// What a daemon that has ended was about to do of it; nil: nothing, or nothing that matters.
    public static var earlier: Intent? {
        guard let desk = Desk.current, let request = CurrentRequest.raw, request.header.unique & resent != 0 else {
            return nil
        }
        return desk.intent
    }

    /// Notes what is done next; nothing where no other daemon would learn of it.
    public static func intend(_ values: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)) {
        guard let desk = Desk.current else { return }
        desk.intent = Intent(values)
        RequestStep.intended.reached()
    }

    /// What was intended has been done.
    public static func hasDone() {
        if Desk.current != nil { RequestStep.done.reached() }
    }
}
