import CFuse3
import Glibc

/// Writes answers to the kernel; where the thread has a desk, leaves them there before, so that a daemon that ends in between has
/// given its word.
enum ReplyWriter {
    /// writev(2).
    @inline(__always)
    static func write(_ device: Int32, _ vector: UnsafePointer<iovec>?, _ count: Int) -> Int {
        guard let desk = Desk.current, let vector, answersRequest(of: desk, vector, count) else {
            return writev(device, vector, Int32(count))
        }
        RequestStep.carriedOut.reached()
        desk.record(vector, count)
        RequestStep.recorded.reached()
        let result = writev(device, vector, Int32(count))
        if result < 0 {
            let failure = errno
            desk.wasRefused = true
            errno = failure
        } else {
            desk.wasAnswered()
        }
        RequestStep.answered.reached()
        return result
    }

    /// Not a notification, nor the answer to another thread's request.
    @inline(__always)
    private static func answersRequest(of desk: Desk, _ vector: UnsafePointer<iovec>, _ count: Int) -> Bool {
        guard count > 0, vector[0].iov_len >= MemoryLayout<folio_fuse_out_header>.size,
            let header = vector[0].iov_base
        else { return false }
        return header.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            == desk.buffer.load(fromByteOffset: 8, as: UInt64.self)
    }
}
