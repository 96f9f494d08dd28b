import FuseServer
import Glibc
import SystemPackage

/// A file opened through the mount, in use by a request: a descriptor of the source with the same access, open for as long
/// as this lives, and how the file is served.
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
    private let held: HeldFile
    private let pin: DescriptorCache.Pin?

    /// - Throws: what opening it again says.
    init(_ held: HeldFile) throws(Errno) {
        self.held = held
        (descriptor, pin) = try held.use()
    }

    deinit { if let pin { held.endUse(pin) } }

    var flags: Int32 { held.flags }
    var kind: Kind { held.kind }
    var isWritable: Bool { held.isWritable }
    var tellsCloses: Bool { held.tellsCloses }

    /// Keeps the descriptor open until the handle is released: it has state of its own (flock(2)).
    func keepDescriptor() { held.keepDescriptor() }

    /// The file of a handle that the kernel has.
    @inline(__always)
    static func of(_ handle: HandleID, _ records: MountRecords?) throws(Errno) -> OpenFile {
        try OpenFile(HeldFile.of(handle, records))
    }
}
