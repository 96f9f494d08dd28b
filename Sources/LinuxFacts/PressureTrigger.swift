import Glibc
import Synchronization
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
    private let path: FilePath
    private let stall: Int
    /// The file's total, in microseconds, when the trigger was made or last confirmed; nil: not told.
    private let counted: Mutex<Int?>

    /// Reports when some task of the machine waits for `resource` during `stall` microseconds of a window.
    /// - Throws: ENOENT and EOPNOTSUPP where the kernel keeps no such figures (CONFIG_PSI, psi=0); EPERM, EINVAL.
    package convenience init(_ resource: Resource, stall: Int) throws(Errno) {
        try self.init(FilePath("/proc/pressure/\(resource.rawValue)"), stall: stall)
    }

    /// The same by the file of a resource, as a control group of version 2 has it too.
    package init(_ path: FilePath, stall: Int) throws(Errno) {
        (self.path, self.stall) = (path, stall)
        counted = Mutex(Self.total(path))
        descriptor = try systemCall {
            path.withPlatformString { open($0, O_RDWR | O_NONBLOCK | O_CLOEXEC) }
        }
        let text = Array("some \(stall) \(Self.window)".utf8) + [0]
        do throws(Errno) {
            let file = descriptor
            _ = try systemCall { write(file, text, text.count) }
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Whether what was reported has come about since the trigger was made, or was last confirmed.
    ///
    /// A new one may report what was before it: it begins with a total that stands still as long as nobody polls (Linux 6.18
    /// kernel/sched/psi.c psi_trigger_create(), PSI_POLL, traced). Half of `stall` will do, since the kernel's window slides.
    package func isConfirmed() -> Bool {
        counted.withLock { counted in
            guard let before = counted, let now = Self.total(path) else { return true }
            guard now - before >= stall / 2 else { return false }
            counted = now
            return true
        }
    }

    /// Microseconds for which some task has waited: `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`.
    private static func total(_ path: FilePath) -> Int? {
        (try? TextFile.read(path))?.split(separator: "\n").first { $0.hasPrefix("some ") }?
            .split(separator: "=").last.flatMap { Int($0) }
    }

    deinit { close(descriptor) }
}
