import Glibc
import SystemPackage

/// A directory of plugins: `NAME/capability.toml` for each.
enum ManifestDirectory {
    /// No manifest is larger, in bytes.
    static let sizeLimit = 1 << 20

    /// Every manifest of a directory with its text, by name.
    ///
    /// - Throws: where the directory cannot be read, or others than root or the caller can write it, a subdirectory with
    ///   a manifest in it, or the manifest.
    static func read(_ directory: FilePath) throws(ManifestError) -> [(file: String, text: String)] {
        var found: [(file: String, text: String)] = []
        for name in try names(directory) {
            let manifest = directory.appending(name).appending("capability.toml")
            guard let text = try text(manifest) else { continue }
            try check(directory.appending(name))
            found.append((manifest.string, text))
        }
        return found
    }

    /// The names in a directory that is fit to be read, sorted; none begins with a dot.
    private static func names(_ directory: FilePath) throws(ManifestError) -> [String] {
        try check(directory)
        guard let stream = opendir(directory.string) else {
            throw failure("read the plugin directory", directory, errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            // The name is read in place: as a value it would be cut to the size that the header declares.
            let start = UnsafeRawPointer(entry) + 19
            let name = String(cString: start.assumingMemoryBound(to: CChar.self))
            if !name.hasPrefix(".") { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw failure("read the plugin directory", directory, errno) }
        return names.sorted()
    }

    /// - Throws: where others than root or the caller can change what is at `path`.
    private static func check(_ path: FilePath) throws(ManifestError) {
        var status = stat()
        guard stat(path.string, &status) == 0 else { throw failure("look at", path, errno) }
        try check(status, path)
    }

    /// - Throws: where others than root or the caller can change a native plugin's library; none at all is no error here.
    static func checkLibrary(_ path: FilePath) throws(ManifestError) {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return }
        try check(status, path)
    }

    private static func check(_ status: stat, _ path: FilePath) throws(ManifestError) {
        let isOurs = status.st_uid == 0 || status.st_uid == geteuid()
        guard isOurs && status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw ManifestError(
                "refused, because others than root and you can write it; chown it to root and chmod go-w",
                in: path.string)
        }
    }

    /// The text of a manifest; nil: there is none.
    private static func text(_ path: FilePath) throws(ManifestError) -> String? {
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("open", path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("look at", path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ManifestError("not a regular file", in: path.string) }
        try check(status, path)
        guard status.st_size <= sizeLimit else {
            throw ManifestError("larger than \(sizeLimit) bytes", in: path.string)
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= sizeLimit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path, errno) }
            guard count > 0 else { break }
            bytes += buffer[0..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ManifestError("not UTF-8", in: path.string)
        }
        return text
    }

    private static func failure(_ action: String, _ path: FilePath, _ number: CInt) -> ManifestError {
        ManifestError("cannot \(action): \(name(number))", in: path.string)
    }

    private static func name(_ number: CInt) -> String {
        switch number {
        case ENOENT: "ENOENT"
        case ENOTDIR: "ENOTDIR"
        case EACCES: "EACCES"
        case EPERM: "EPERM"
        case ELOOP: "ELOOP"
        case EMFILE: "EMFILE"
        case ENFILE: "ENFILE"
        case ENAMETOOLONG: "ENAMETOOLONG"
        case EIO: "EIO"
        default: Errno(rawValue: number).description
        }
    }
}
