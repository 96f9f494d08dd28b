import CLinuxShims
import Glibc

/// What makes a node of a filesystem that node: its file handle, or its number where the filesystem has no handles that
/// open. The bytes are borrowed.
struct InodeKey {
    /// The type of a key that is a number: no filesystem's handles have it (0xff is FILEID_INVALID, others are positive).
    static let byNumber: Int32 = -1

    let type: Int32
    let bytes: UnsafeRawBufferPointer

    /// Its place in tables, with the filesystem mixed in.
    @inline(__always)
    func hash(_ filesystem: UInt16) -> UInt64 {
        var hash = 0x9e37_79b9_7f4a_7c15 ^ UInt64(filesystem)
        var offset = 0
        while offset + 8 <= bytes.count {
            hash = Self.mix(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        if offset < bytes.count {
            var rest: UInt64 = 0
            withUnsafeMutableBytes(of: &rest) {
                $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            }
            hash = Self.mix(hash, rest)
        }
        return hash
    }

    /// The 128-bit product of both, folded: every bit of the result depends on every bit of both.
    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low ^ hash &* 0x9e37_79b9_7f4a_7c15
    }

    /// Calls `body` with the key of a handle.
    @inline(__always)
    static func with<Value>(_ handle: inout folio_handle, _ body: (InodeKey) -> Value) -> Value {
        let (type, size) = (handle.type, Int(handle.size))
        return withUnsafeBytes(of: &handle.bytes) { bytes in
            body(InodeKey(type: type, bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(size))))
        }
    }

    /// Calls `body` with the key of a node that is known by its number.
    ///
    /// A symbolic link's has the time of modification as well: the kernel keeps targets, which never change, and a link that
    /// has the number of one that is gone is another.
    @inline(__always)
    static func with<Value>(numberOf status: SourceStatus, _ body: (InodeKey) -> Value) -> Value {
        guard status.status.st_mode & S_IFMT == S_IFLNK else {
            return withUnsafeBytes(of: status.number) { body(InodeKey(type: byNumber, bytes: $0)) }
        }
        let time = status.status.st_mtim
        return withUnsafeBytes(of: (status.number, UInt64(bitPattern: Int64(time.tv_sec)), UInt64(time.tv_nsec))) {
            body(InodeKey(type: byNumber, bytes: $0))
        }
    }
}
