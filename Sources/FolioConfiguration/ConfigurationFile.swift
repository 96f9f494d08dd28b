import FolioCapability
import Glibc
import LinuxFacts
package import SystemPackage

/// A configuration file: where it is, and who may have written it.
package enum ConfigurationFile {
    /// The file that is read where none is named, if it is there.
    package static let standard: FilePath = "/etc/foliofs/foliofs.conf"
    /// No file is larger, in bytes.
    private static let sizeLimit = 1 << 20

    /// What a file says, and nothing where none is named and the standard one is not there.
    ///
    /// - Throws: everything that is wrong with it, or why it cannot be read: it may name what is run, so a file that others
    ///   than root or the caller can write is refused.
    package static func load(_ named: FilePath?) throws(ConfigurationError) -> Configuration {
        let path = named ?? standard
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try read(path)
        } catch {
            if named == nil, error == .noSuchFileOrDirectory || error == .notDirectory { return Configuration() }
            throw ConfigurationError(problems: [
                ManifestError(
                    "cannot read it: \(error.name)", in: path.string,
                    suggestion: advice(error))
            ])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(problems: [ManifestError("not UTF-8", in: path.string)])
        }
        return try Configuration.parse(text, file: path.string)
    }

    private static func read(_ path: FilePath) throws(Errno) -> [UInt8] {
        let file = try systemCall { path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } }
        defer { close(file) }
        var status = stat()
        _ = try systemCall { fstat(file, &status) }
        guard status.st_mode & S_IFMT == S_IFREG || path == "/dev/null" else { throw .invalidArgument }
        let isOurs = status.st_uid == 0 || status.st_uid == geteuid()
        guard path == "/dev/null" || isOurs && status.st_mode & (S_IWGRP | S_IWOTH) == 0 else { throw .notPermitted }
        guard status.st_size <= sizeLimit else { throw .fileTooLarge }
        var bytes = [UInt8](repeating: 0, count: sizeLimit + 1)
        var done = 0
        while done < bytes.count {
            let count = try systemCall {
                bytes.withUnsafeMutableBytes {
                    pread(file, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(done))
                }
            }
            guard count > 0 else { break }
            done += count
        }
        guard done <= sizeLimit else { throw .fileTooLarge }
        return Array(bytes[..<done])
    }

    private static func advice(_ errno: Errno) -> String? {
        switch errno {
        case .noSuchFileOrDirectory: "name a file that exists; man 5 foliofs.conf says what is in it"
        case .notPermitted: "others than root and you can write it: chown it to root and chmod go-w"
        case .invalidArgument: "it is not a regular file"
        case .fileTooLarge: "it is larger than \(sizeLimit) bytes"
        default: nil
        }
    }
}
