import Glibc
import LinuxFacts
import SystemPackage

/// /proc/self/fd: the way from a descriptor to calls that take a path, without any other name being looked up.
enum ProcessFiles {
    /// Where an open file is, as the kernel names it now; nil: it cannot be told.
    static func target(_ descriptor: Int32) -> [UInt8]? {
        try? withPath(descriptor) { link throws(Errno) in
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = try systemCall { readlink(link, &target, target.count) }
            return target[..<count].map { UInt8(bitPattern: $0) }
        }
    }

    /// The file of `descriptor` open once more, for reads of the server's own: no access time tells of them where the file
    /// allows that (O_NOATIME wants its owner or CAP_FOWNER). What cannot be opened is the same open file again.
    static func forOwnReads(_ descriptor: Int32) throws(Errno) -> DescriptorOwner {
        let opened = try? withPath(descriptor) { name throws(Errno) in
            try systemCall { open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | SourceFlags.noAccessTime) }
        }
        if let opened { return DescriptorOwner(opened) }
        return DescriptorOwner(try systemCall { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) })
    }

    /// Opens a path for reading, without an access time of it where that is allowed: to its owner and root.
    static func openQuietly(_ path: UnsafePointer<CChar>) throws(Errno) -> DescriptorOwner {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        do throws(Errno) {
            return DescriptorOwner(try systemCall { open(path, flags | SourceFlags.noAccessTime) })
        } catch .notPermitted {
            return DescriptorOwner(try systemCall { open(path, flags) })
        }
    }

    /// Calls `body` with the path of `descriptor`, NUL-terminated; it leads to the very file, also where that is a
    /// symbolic link.
    @inline(__always)
    static func withPath<Value>(
        _ descriptor: Int32, _ body: (UnsafePointer<CChar>) throws(Errno) -> Value
    ) throws(Errno) -> Value {
        // "/proc/self/fd/" and up to ten digits.
        var name: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let result = withUnsafeMutableBytes(of: &name) { bytes -> Result<Value, Errno> in
            var position = 0
            for byte in "/proc/self/fd/".utf8 {
                bytes[position] = byte
                position += 1
            }
            var digits = 1
            var rest = descriptor / 10
            while rest > 0 {
                digits += 1
                rest /= 10
            }
            rest = descriptor
            for place in stride(from: position + digits - 1, through: position, by: -1) {
                bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            return bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { return .failure(.badAddress) }
                return Result { () throws(Errno) in try body(UnsafePointer(start)) }
            }
        }
        return try result.get()
    }
}
