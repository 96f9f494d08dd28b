import LinuxFacts
import SystemPackage

/// Why a directory is not served.
package struct ServeError: Error, CustomStringConvertible {
    /// What failed, on what, why, and what to do, in one line.
    package let description: String
    /// Whether the machine lacks what is needed, rather than the operation having failed.
    package let machineLacks: Bool

    init(_ description: String, machineLacks: Bool = false) {
        self.description = description
        self.machineLacks = machineLacks
    }

    init(_ action: String, _ subject: FilePath, _ errno: Errno, advice: String) {
        self.init("cannot \(action) \(subject): \(errno.name); \(advice)")
    }
}
