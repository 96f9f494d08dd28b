package import SystemPackage

/// A system call that failed, told to a person: what failed, on what, why, and what to do.
package struct LinuxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, a verb with what belongs to it: `read`, `open for writing`.
    package var action: String
    /// What it was tried on: a path, a process.
    package var subject: String
    /// Why it failed.
    package var errno: Errno
    /// What to do about it, without a full stop; nil: nothing better than what the errno says.
    package var advice: String?

    /// A failure from its parts.
    package init(_ action: String, _ subject: String, _ errno: Errno, advice: String? = nil) {
        self.action = action
        self.subject = subject
        self.errno = errno
        self.advice = advice
    }

    /// A failure on a path.
    package init(_ action: String, _ path: FilePath, _ errno: Errno, advice: String? = nil) {
        self.init(action, path.string, errno, advice: advice)
    }

    /// `cannot ACTION SUBJECT: ENOENT; ADVICE`.
    package var description: String {
        "cannot \(action) \(subject): \(errno.name)" + (advice.map { "; " + $0 } ?? "")
    }
}
