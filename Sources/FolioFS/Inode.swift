import CLinuxShims
import FuseServer
import Glibc
import LinuxFacts
import Synchronization
import SystemPackage

/// A file, directory or other node of the source that the kernel knows. Its node id is its address, or the number of its record where
/// daemons hand nodes on.
///
/// There may be millions: it is one allocation of 112 bytes, and 8 to 24 in the table. What is needed while it is open
/// only is in `OpenState`.
final class Inode: CachedDescriptor, @unchecked Sendable {
    /// The most bytes of a key that are held in the inode itself.
    private static let inlineKeyBytes = 24

    private let keyLength: UInt8
    /// S_IFMT of its mode, without the 12 low bits.
    private let typeBits: UInt8
    private let keyType: Int32
    /// Whether the table names another inode for this file by now.
    let isRetired = Atomic(false)
    /// Whether it was made by an open through this mount, and no answer has said anything of it that the kernel may keep:
    /// attributes for longer than a moment, or data. Then there is nothing to make the kernel forget.
    ///
    /// Cleared before what such an answer says is looked at.
    let isUntold: Atomic<Bool>
    /// The key, or in its first word the address of a longer one.
    private let key: (UInt64, UInt64, UInt64)
    let filesystem: SourceFilesystem
    /// The source's inode number.
    let number: UInt64
    /// Tells it apart from what had its address, or its record, before; 0: the root.
    let generation: UInt64
    /// How often the kernel has looked it up, less what it gave back, and names that it is the directory of; guarded by the
    /// table's shard.
    var lookups: UInt64 = 0
    /// Guarded by `OpenState`.
    var openState: OpenState?
    /// Where it is, if kept by name or a directory that was removed; guarded by `filesystem.places`.
    var place: NodePlace?

    init(
        _ key: InodeKey, on filesystem: SourceFilesystem, number: UInt64, type: mode_t, generation: UInt64,
        isUntold: Bool = false
    ) {
        self.isUntold = Atomic(isUntold)
        self.filesystem = filesystem
        self.number = number
        typeBits = UInt8(truncatingIfNeeded: type >> 12)
        self.generation = generation
        keyType = key.type
        keyLength = UInt8(key.bytes.count)
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        if key.bytes.count <= Self.inlineKeyBytes {
            withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: key.bytes) }
        } else {
            let copy = UnsafeMutableRawPointer.allocate(byteCount: key.bytes.count, alignment: 8)
            if let start = key.bytes.baseAddress { copy.copyMemory(from: start, byteCount: key.bytes.count) }
            words.0 = UInt64(UInt(bitPattern: copy))
        }
        self.key = words
        super.init()
    }

    deinit {
        if wasCached { filesystem.budget.paths.drop(self) }
        if keyLength > Self.inlineKeyBytes { UnsafeMutableRawPointer(bitPattern: UInt(key.0))?.deallocate() }
    }

    override func openDescriptor() throws(Errno) -> Int32 {
        isKeptByHandle && currentPlace == nil ? try openHandle(SourceFlags.pathOnly | O_CLOEXEC) : try openByName()
    }

    /// S_IFMT of its mode.
    var type: mode_t { mode_t(typeBits) << 12 }

    /// Device and inode number.
    var identity: FileIdentity { FileIdentity(device: filesystem.device, inode: number) }

    /// What programs see as st_ino.
    var shownNumber: UInt64 { filesystem.shown(number) }

    /// Whether it is kept by file handle; else by name.
    var isKeptByHandle: Bool { keyType != InodeKey.byNumber }

    /// Calls `body` with what makes it this node.
    @inline(__always)
    func withKey<Value>(_ body: (InodeKey) -> Value) -> Value {
        if keyLength <= Self.inlineKeyBytes {
            return withUnsafeBytes(of: key) { bytes in
                body(InodeKey(type: keyType, bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(keyLength)))))
            }
        }
        let start = UnsafeRawPointer(bitPattern: UInt(key.0))
        return body(InodeKey(type: keyType, bytes: UnsafeRawBufferPointer(start: start, count: Int(keyLength))))
    }

    @inline(__always)
    func isNode(_ key: InodeKey, on filesystem: SourceFilesystem) -> Bool {
        guard keyType == key.type, Int(keyLength) == key.bytes.count, self.filesystem === filesystem else {
            return false
        }
        return withKey { mine in
            guard let start = mine.bytes.baseAddress, let other = key.bytes.baseAddress else { return false }
            return memcmp(start, other, mine.bytes.count) == 0
        }
    }

    @inline(__always)
    var hash: UInt64 { withKey { $0.hash(filesystem.index) } }

    /// Its record, where nodes are handed on to the next daemon; nil: the root has none.
    @inline(__always)
    var record: UInt32? { generation == 0 ? nil : NodeRecords.index(generation: generation) }

    /// The number by which the kernel names it.
    var node: NodeID {
        guard let record else { return .root }
        if filesystem.hasRecords { return NodeRecords.node(record) }
        return NodeID(rawValue: UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())))
    }

    /// How it is served while it is open.
    var serving: OpenStatePart<Serving> { OpenStatePart(inode: self) { $0.serving } }

    /// POSIX locks held through the mount, by owner.
    var locks: OpenStatePart<[UInt64: LockOwner]> { OpenStatePart(inode: self) { $0.locks } }

    /// Nobody has it open: what is kept open of a file that may be removed underneath would keep its blocks.
    func becameIdle() {
        if typeBits != UInt8(S_IFDIR >> 12), wasCached { filesystem.budget.paths.drop(self) }
    }
}
