import Glibc
package import SystemPackage

/// Runs a system call and turns its -1 into the errno it left. `retry: false` is for close(2), which has let go already.
/// - Throws: the errno; EINTR only without `retry`.
@inline(__always)
package func systemCall<R: FixedWidthInteger>(retry: Bool = true, _ call: () -> R) throws(Errno) -> R {
    while true {
        let result = call()
        if result != -1 { return result }
        let failure = Errno(rawValue: errno)
        guard retry, failure == .interrupted else { throw failure }
    }
}
