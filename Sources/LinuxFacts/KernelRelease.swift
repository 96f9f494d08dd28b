package import FolioPolicy
import Glibc

/// What uname(2) says of the running kernel.
package struct KernelRelease: Hashable, Sendable {
    /// The release text: `6.12.117+deb13-amd64`.
    package let release: String
    /// The version at its start; nil where it has none.
    package let version: KernelVersion?
    /// The machine: `x86_64`.
    package let machine: String

    /// A release from its texts.
    package init(release: String, machine: String) {
        self.release = release
        self.machine = machine
        version = KernelVersion(release)
    }

    /// The running kernel.
    package static func read() -> KernelRelease {
        var name = utsname()
        uname(&name)
        return KernelRelease(release: text(of: name.release), machine: text(of: name.machine))
    }

    private static func text<Array>(of array: Array) -> String {
        withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
