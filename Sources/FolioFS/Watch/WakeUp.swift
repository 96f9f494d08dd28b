import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// Wakes one thread that waits for it, for descriptors or for a time: a pipe.
final class WakeUp: Sendable {
    private let descriptor: Int32
    private let input: Int32

    /// - Throws: EMFILE.
    init() throws(Errno) {
        var ends: [Int32] = [0, 0]
        _ = try systemCall { pipe(&ends) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, input) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(input)
    }

    /// Ends the wait, or the next one at once.
    func signal() {
        var byte: UInt8 = 1
        // A full pipe has woken it already.
        _ = write(input, &byte, 1)
    }

    /// Whether it is signalled within `milliseconds`.
    func isSignalled(within milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, milliseconds) > 0
    }

    /// Waits until signalled, or until some of `others` have what they are polled for, or are in error.
    func wait(polling others: inout [pollfd]) {
        var polled = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)] + others
        if poll(&polled, nfds_t(polled.count), -1) <= 0 { for index in polled.indices { polled[index].revents = 0 } }
        others = Array(polled.dropFirst())
    }

    /// Waits until signalled, until one of `others` can be read or is otherwise remarkable (POLLPRI, where it is a mount
    /// table), or for `milliseconds`; nil: however long it takes.
    ///
    /// - Returns: whether a mount table among `others` has changed.
    @discardableResult
    func wait(_ others: [Int32] = [], mounts: Int32? = nil, milliseconds: Int? = nil) -> Bool {
        var polled = ([descriptor] + others).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        if let mounts { polled.append(pollfd(fd: mounts, events: Int16(POLLPRI), revents: 0)) }
        guard poll(&polled, nfds_t(polled.count), Int32(clamping: milliseconds ?? -1)) > 0 else { return false }
        var bytes = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        while read(descriptor, &bytes, MemoryLayout.size(ofValue: bytes)) == MemoryLayout.size(ofValue: bytes) {}
        return mounts != nil && polled.last.map { $0.revents & Int16(POLLPRI) != 0 } == true
    }
}
