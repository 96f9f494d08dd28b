import CLinuxShims
package import SystemPackage

extension Errno {
    /// The name of the errno as the manual pages write it (`EINVAL`), or `errno N` for a number that is none.
    ///
    /// Source: strerrorname_np(3), glibc 2.32.
    package var name: String {
        guard let name = folio_errno_name(rawValue) else { return "errno \(rawValue)" }
        return String(cString: name)
    }
}
