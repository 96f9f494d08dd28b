import Glibc
package import SystemPackage

/// A threshold of pressure stall information (PSI) that the kernel reports when it is passed: poll(2) says POLLPRI, once a window
/// at most. Nothing is asked, and nothing runs, as long as it is not.
///
/// Source: Documentation/accounting/psi.rst; Linux 6.18 kernel/sched/psi.c psi_trigger_create().
package final class PressureTrigger: Sendable {
    /// What tasks wait for.
    package enum Resource: String, Sendable, CaseIterable {
        /// A processor.
        case cpu
        /// Memory to be freed.
        case memory
        /// A disk.
        case io
    }

    /// Microseconds over which stalls are added up. Who has no CAP_SYS_RESOURCE may ask for multiples of two seconds alone, and
    /// before Linux 6.4 for none.
    package static let window = 2_000_000

    /// Becomes POLLPRI.
    package let descriptor: Int32

    /// Reports when some task waits for `resource` during `stall` of `window` microseconds.
    /// - Throws: ENOENT and EOPNOTSUPP where the kernel keeps no such figures (CONFIG_PSI, psi=0); EPERM, EINVAL.
    package init(_ resource: Resource, stall: Int) throws(Errno) {
        let path = "/proc/pressure/\(resource.rawValue)"
        descriptor = try systemCall { open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) }
        let text = Array("some \(stall) \(Self.window)".utf8) + [0]
        do throws(Errno) {
            let file = descriptor
            _ = try systemCall { write(file, text, text.count) }
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }
}
