import CLinuxShims
import Glibc
import LinuxFacts
import SystemPackage

/// A file of the source by its filesystem and its handle there: never that of another file, also when its inode number is.
struct SourceFile: Hashable, Sendable {
    let fsid: UInt64
    let type: Int32
    let bytes: [UInt8]

    init(_ file: FanotifyEvent.File) {
        fsid = file.fsid
        type = file.type
        bytes = Array(file.bytes)
    }

    /// The file of an inode; nil: its filesystem has no handles that open.
    init?(_ inode: Inode) {
        guard inode.isKeptByHandle else { return nil }
        fsid = inode.filesystem.id
        (type, bytes) = inode.withKey { ($0.type, Array($0.bytes)) }
    }

    /// The file that `descriptor` has open, in whatever way; nil: its filesystem has no handles.
    init?(_ descriptor: Int32) {
        var handle = folio_handle()
        var filesystem = folio_filesystem()
        guard folio_file_handle(descriptor, &handle) == 0, folio_filesystem_of(descriptor, &filesystem) == 0 else {
            return nil
        }
        fsid = filesystem.id
        type = handle.type
        bytes = withUnsafeBytes(of: handle.bytes) { Array($0.prefix(Int(handle.size))) }
    }

    /// Opens it by its handle.
    /// - Parameter mount: a descriptor of its filesystem.
    /// - Throws: ESTALE where it is gone.
    func open(_ mount: Int32, _ flags: Int32) throws(Errno) -> DescriptorOwner {
        var handle = folio_handle()
        guard bytes.count <= MemoryLayout.size(ofValue: handle.bytes) else { throw .invalidArgument }
        handle.type = type
        handle.size = UInt32(bytes.count)
        withUnsafeMutableBytes(of: &handle.bytes) { $0.copyBytes(from: bytes) }
        return DescriptorOwner(try systemCall { folio_open_handle(mount, &handle, flags | O_CLOEXEC) })
    }

    /// Calls `body` with it as a record names it.
    func withFile(_ body: (FanotifyEvent.File) -> Void) {
        bytes.withUnsafeBytes { body(FanotifyEvent.File(fsid: fsid, type: type, bytes: $0)) }
    }
}
