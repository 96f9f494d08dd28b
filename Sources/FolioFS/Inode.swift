import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import SystemPackage

/// A file, directory or other node of the source that the kernel knows. Its node id is its address.
final class Inode: @unchecked Sendable {
    /// How the source's node is reached.
    enum Reach {
        /// An O_PATH descriptor that this inode owns.
        case descriptor(Int32)
        /// A file handle, opened when it is needed.
        case handle(folio_handle)
    }

    let identity: FileIdentity
    /// S_IFMT of its mode.
    let type: mode_t
    /// What programs see as st_ino.
    let shownNumber: UInt64
    private let reach: Reach
    private unowned let table: InodeTable
    /// The table's count of descriptors; the table itself may be gone before its last inode.
    private let descriptors: LockedState<Int>
    /// How often the kernel has looked it up, less what it gave back; guarded by the table's shard.
    var lookups: UInt64 = 0
    /// How it is served while it is open.
    let serving = LockedState(Serving())
    /// POSIX locks held through the mount, by owner.
    let locks = LockedState<[UInt64: LockOwner]>([:])

    init(identity: FileIdentity, type: mode_t, shownNumber: UInt64, reach: Reach, table: InodeTable) {
        self.identity = identity
        self.type = type
        self.shownNumber = shownNumber
        self.reach = reach
        self.table = table
        descriptors = table.descriptors
    }

    deinit {
        if case .descriptor(let descriptor) = reach {
            close(descriptor)
            descriptors.withLock { $0 -= 1 }
        }
    }

    var node: NodeID {
        table.root === self
            ? .root : NodeID(rawValue: UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())))
    }

    /// Calls `body` with an O_PATH descriptor, open as long as `body` runs.
    @inline(__always)
    func withPath<Value>(_ body: (Int32) throws(Errno) -> Value) throws(Errno) -> Value {
        switch reach {
        case .descriptor(let descriptor): return try body(descriptor)
        case .handle(var handle):
            let descriptor = try systemCall {
                folio_open_handle(table.mount, &handle, SourceFlags.pathOnly | O_CLOEXEC)
            }
            defer { close(descriptor) }
            return try body(descriptor)
        }
    }

    /// Whether a descriptor keeps the source from giving the inode number to another file.
    var isPinned: Bool {
        if case .descriptor = reach { return true }
        return false
    }

    /// Whether `handle` is that of this node, where it is kept by a handle; a descriptor keeps its number from being used
    /// again.
    func isSame(as handle: () -> folio_handle?) -> Bool {
        guard case .handle(let mine) = reach else { return true }
        guard let other = handle() else { return false }
        return mine.type == other.type && mine.size == other.size
            && withUnsafeBytes(of: mine.bytes) { mine in
                withUnsafeBytes(of: other.bytes) {
                    mine.prefix(Int(other.size)).elementsEqual($0.prefix(Int(other.size)))
                }
            }
    }

    /// fstat(2).
    func status() throws(Errno) -> stat {
        try withPath { path throws(Errno) in
            var status = stat()
            _ = try systemCall { fstatat(path, "", &status, SourceFlags.emptyPath) }
            return status
        }
    }

    /// Opens the source's file for real: `flags` as for open(2), close-on-exec.
    func open(_ flags: Int32) throws(Errno) -> Int32 {
        try withPath { path throws(Errno) in
            try ProcessFiles.withPath(path) { name throws(Errno) in
                try systemCall { Glibc.open(name, flags | O_CLOEXEC | O_NOCTTY) }
            }
        }
    }
}
