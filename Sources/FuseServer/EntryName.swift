import Glibc

/// The name of a directory entry as the kernel sent it: bytes without "/" and NUL, valid until the request is answered.
public struct EntryName: @unchecked Sendable {
    /// The bytes, NUL-terminated.
    public let pointer: UnsafePointer<CChar>

    /// A name at `pointer`, NUL-terminated.
    public init(_ pointer: UnsafePointer<CChar>) { self.pointer = pointer }

    /// A copy that may be kept.
    public var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))) }
}

extension EntryName: CustomStringConvertible {
    /// The name for a person, invalid UTF-8 replaced.
    public var description: String { String(cString: pointer) }
}
