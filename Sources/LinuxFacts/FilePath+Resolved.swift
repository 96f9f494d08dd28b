import Glibc
package import SystemPackage

extension FilePath {
    /// The absolute path without symbolic links that it leads to (realpath(3)).
    /// - Throws: ENOENT and the like.
    package func resolved() throws(LinuxError) -> FilePath {
        guard let real = withPlatformString({ realpath($0, nil) }) else {
            throw LinuxError("resolve", self, Errno(rawValue: errno))
        }
        defer { free(real) }
        return FilePath(platformString: real)
    }
}
