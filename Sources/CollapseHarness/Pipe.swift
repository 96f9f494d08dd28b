import Glibc
import LinuxFacts
import SystemPackage

/// pipe(2), both ends close-on-exec.
struct Pipe {
    /// The end that is read.
    let reading: Int32
    /// The end that is written.
    let writing: Int32

    /// - Throws: EMFILE.
    init() throws(Errno) {
        var ends: [Int32] = [-1, -1]
        _ = try systemCall { pipe(&ends) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }
}
