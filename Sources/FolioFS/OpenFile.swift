import FuseServer
import Glibc
import SystemPackage

/// A file opened through the mount: a descriptor of the source with the same access, and how it is served.
final class OpenFile: Sendable {
    /// What a read or write that comes to the server is to do.
    enum Kind: Sendable {
        /// The source, as it is.
        case source
        /// The source, and then the staged copy of it that others have open or mapped.
        case mirrored(StagedCopy)
        /// An execve's open: the source with p_align raised.
        case alignedExec([AlignedProgramHeaders.Patch])
    }

    let descriptor: Int32
    let flags: Int32
    let kind: Kind

    init(descriptor: Int32, flags: Int32, kind: Kind) {
        self.descriptor = descriptor
        self.flags = flags
        self.kind = kind
    }

    deinit { close(descriptor) }

    var isWritable: Bool { flags & O_ACCMODE != O_RDONLY }

    /// The handle that the kernel keeps; it owns one reference, given back by `release(_:)`.
    var handle: HandleID {
        HandleID(rawValue: UInt64(UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())))
    }

    @inline(__always)
    static func of(_ handle: HandleID) throws(Errno) -> OpenFile {
        guard let pointer = UnsafeRawPointer(bitPattern: UInt(handle.rawValue)) else { throw .badFileDescriptor }
        return Unmanaged<OpenFile>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Takes the kernel's reference back.
    static func release(_ handle: HandleID) -> OpenFile? {
        UnsafeRawPointer(bitPattern: UInt(handle.rawValue)).map {
            Unmanaged<OpenFile>.fromOpaque($0).takeRetainedValue()
        }
    }
}
