import CFuse3
import Glibc

/// The entries of a directory on their way to the kernel, as many as it asked for.
public struct DirectoryBuffer: ~Copyable {
    private let request: OpaquePointer?
    private let storage: UnsafeMutableRawBufferPointer
    private(set) var used = 0

    init(request: OpaquePointer?, storage: UnsafeMutableRawBufferPointer) {
        self.request = request
        self.storage = storage
    }

    var filled: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<used]) }

    private var cursor: UnsafeMutablePointer<CChar>? {
        storage.baseAddress?.advanced(by: used).assumingMemoryBound(to: CChar.self)
    }

    /// Adds an entry for FUSE_READDIR.
    ///
    /// - Parameters:
    ///   - name: its name in the directory.
    ///   - inode: the number that readdir(3) tells as `d_ino`.
    ///   - type: `DT_*` of readdir(3).
    ///   - next: the offset from which the entry after this one is read.
    /// - Returns: false where it does not fit any more; then it is not added.
    public mutating func add(name: EntryName, inode: UInt64, type: UInt8, next: Int64) -> Bool {
        var status = stat()
        status.st_ino = ino_t(inode)
        status.st_mode = mode_t(type) << 12
        let size = fuse_add_direntry(request, cursor, storage.count - used, name.pointer, &status, off_t(next))
        guard size <= storage.count - used else { return false }
        used += size
        return true
    }

    /// Whether an entry of that name fits, for FUSE_READDIRPLUS: what is looked up must also be sent.
    public func fits(_ name: EntryName) -> Bool {
        fuse_add_direntry_plus(request, nil, 0, name.pointer, nil, 0) <= storage.count - used
    }

    /// Adds an entry for FUSE_READDIRPLUS; one with a node counts as looked up, but for "." and "..".
    ///
    /// - Parameters:
    ///   - name: its name in the directory.
    ///   - entry: without a node only its attributes' inode number and type are told, and nothing is looked up.
    ///   - next: the offset from which the entry after this one is read.
    /// - Returns: false where it does not fit any more; then it is not added and not looked up.
    public mutating func add(name: EntryName, entry: Entry, next: Int64) -> Bool {
        var parameter = entry.parameter
        let size = fuse_add_direntry_plus(
            request, cursor, storage.count - used, name.pointer, &parameter, off_t(next))
        guard size <= storage.count - used else { return false }
        used += size
        return true
    }
}
