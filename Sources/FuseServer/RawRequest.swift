import CFuse3
import Glibc

/// A request as the kernel wrote it: fuse_in_header, the operation's own structure, names and data, extensions.
///
/// It points into a worker's buffer and is valid until the request is answered.
struct RawRequest {
    let bytes: UnsafeMutableRawBufferPointer
    let header: folio_fuse_in_header

    static let headerSize = MemoryLayout<folio_fuse_in_header>.size

    /// nil: shorter than a header, not as long as it says, or its extensions are longer than it is.
    init?(_ bytes: UnsafeMutableRawBufferPointer) {
        guard bytes.count >= Self.headerSize, let start = bytes.baseAddress else { return nil }
        header = UnsafeRawPointer(start).loadUnaligned(as: folio_fuse_in_header.self)
        guard Int(header.len) == bytes.count, Self.headerSize + Int(header.extensions) * 8 <= bytes.count else {
            return nil
        }
        self.bytes = bytes
    }

    /// What follows the header, without the extensions.
    var body: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize..<bytes.count - Int(header.extensions) * 8])
    }

    /// The operation's own structure; nil where the request is too short for it.
    func structure<Value>(_ type: Value.Type) -> Value? {
        let body = body
        guard body.count >= MemoryLayout<Value>.size else { return nil }
        return body.loadUnaligned(as: Value.self)
    }

    /// The one supplementary group that comes with a creation: the directory's, where the caller is in it (protocol 7.38
    /// FUSE_EXT_GROUPS).
    var directoryGroup: UInt32? {
        let length = Int(header.extensions) * 8
        let all = UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - length)...])
        let head = MemoryLayout<folio_fuse_extension>.size
        var at = 0
        while at + head <= length {
            let extensionHeader = all.loadUnaligned(fromByteOffset: at, as: folio_fuse_extension.self)
            let size = Int(extensionHeader.size)
            guard size >= head, at + size <= length else { return nil }
            if extensionHeader.type == UInt32(FOLIO_FUSE_EXT_GROUPS), size >= head + 8,
                all.loadUnaligned(fromByteOffset: at + head, as: UInt32.self) >= 1
            {
                return all.loadUnaligned(fromByteOffset: at + head + 4, as: UInt32.self)
            }
            at += size
        }
        return nil
    }
}

/// The request that this thread is handling, for what libfuse does not hand on: flags and extensions newer than it.
enum CurrentRequest {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Calls `body` with `request` as this thread's.
    @inline(__always)
    static func with(_ request: RawRequest, _ body: () -> Void) {
        withUnsafePointer(to: request) { pointer in
            pthread_setspecific(key, pointer)
            body()
            pthread_setspecific(key, nil)
        }
    }

    /// nil: the thread handles none.
    @inline(__always)
    static var raw: RawRequest? {
        pthread_getspecific(key)?.assumingMemoryBound(to: RawRequest.self).pointee
    }
}
