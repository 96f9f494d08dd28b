import CLinuxShims
import FuseServer
import Glibc

/// What is said of a node in its record: what makes it that node, and a descriptor where it has nothing else.
struct NodeRecord {
    /// The most bytes of a file handle that are kept; longer ones are not taken over (the node is then ESTALE until it is looked up).
    static let keyCapacity = NodeRecords.payloadSize - Field.key

    private enum Field {
        static let number = 0
        static let filesystem = 8
        static let type = 10
        static let keySize = 11
        static let keyType = 12
        /// A descriptor and 1; 0: none.
        static let pinned = 16
        static let isRetired = 20
        static let key = 24
    }

    private let base: UnsafeMutableRawPointer

    init(_ payload: UnsafeMutableRawPointer) { base = payload }

    func fill(_ key: InodeKey, _ filesystem: SourceFilesystem, number: UInt64, type: mode_t) {
        base.storeBytes(of: number, toByteOffset: Field.number, as: UInt64.self)
        base.storeBytes(of: filesystem.index, toByteOffset: Field.filesystem, as: UInt16.self)
        base.storeBytes(of: UInt8(type >> 12), toByteOffset: Field.type, as: UInt8.self)
        base.storeBytes(of: UInt32(0), toByteOffset: Field.pinned, as: UInt32.self)
        base.storeBytes(of: UInt32(0), toByteOffset: Field.isRetired, as: UInt32.self)
        let isKept = key.bytes.count <= Self.keyCapacity
        base.storeBytes(of: isKept ? UInt8(key.bytes.count) : 0, toByteOffset: Field.keySize, as: UInt8.self)
        base.storeBytes(of: isKept ? key.type : InodeKey.byNumber, toByteOffset: Field.keyType, as: Int32.self)
        guard isKept else { return }
        UnsafeMutableRawBufferPointer(start: base + Field.key, count: key.bytes.count).copyMemory(from: key.bytes)
    }

    var number: UInt64 { base.load(fromByteOffset: Field.number, as: UInt64.self) }
    var filesystem: Int { Int(base.load(fromByteOffset: Field.filesystem, as: UInt16.self)) }
    var type: mode_t { mode_t(base.load(fromByteOffset: Field.type, as: UInt8.self)) << 12 }

    var key: InodeKey {
        InodeKey(
            type: base.load(fromByteOffset: Field.keyType, as: Int32.self),
            bytes: UnsafeRawBufferPointer(
                start: base + Field.key, count: Int(base.load(fromByteOffset: Field.keySize, as: UInt8.self))))
    }

    /// A descriptor by which it is reached; -1: none.
    var pinned: Int32 {
        get { Int32(bitPattern: base.load(fromByteOffset: Field.pinned, as: UInt32.self)) - 1 }
        nonmutating set {
            base.storeBytes(of: UInt32(bitPattern: newValue + 1), toByteOffset: Field.pinned, as: UInt32.self)
        }
    }

    /// Whether another node is named for its file by now.
    var isRetired: Bool {
        get { base.load(fromByteOffset: Field.isRetired, as: UInt32.self) != 0 }
        nonmutating set { base.storeBytes(of: newValue ? 1 : 0, toByteOffset: Field.isRetired, as: UInt32.self) }
    }
}
