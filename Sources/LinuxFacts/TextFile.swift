import Glibc
package import SystemPackage

/// Reads a whole small file, also one under /proc or /sys, whose size is given as 0.
package enum TextFile {
    /// Bytes beyond which a file is not taken for a small one.
    package static let limit = 64 << 20

    /// The file's content as text; bytes that are not UTF-8 become U+FFFD.
    /// - Throws: the errno of open(2) or read(2); EFBIG beyond `limit`.
    package static func read(_ path: FilePath) throws(Errno) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The file's bytes, at most the first `count` of them.
    /// - Throws: the errno of open(2) or read(2); EFBIG where `count` is not given and the file is beyond `limit`.
    package static func bytes(_ path: FilePath, first count: Int? = nil) throws(Errno) -> [UInt8] {
        // O_NONBLOCK: opening a FIFO by mistake must not hang.
        let descriptor = try systemCall { path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let wanted = min(piece.count, count.map { $0 - content.count } ?? piece.count)
            if wanted <= 0 { return content }
            let got = try systemCall { piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, wanted) } }
            if got == 0 { return content }
            content += piece[..<got]
            if count == nil, content.count > limit { throw .fileTooLarge }
        }
    }
}
