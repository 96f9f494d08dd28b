import FuseServer

/// What is said of a handle in its record.
struct HandleRecord {
    enum Sort: UInt8 {
        case file = 1
        case alignedExec = 2
        case directory = 3
    }

    private enum Field {
        static let generation = 0
        static let flags = 8
        static let descriptor = 12
        static let backing = 16
        static let sort = 20
        static let tellsCloses = 21
        /// Numbers of copies' records and 1; 0: none.
        static let serving = 24
        static let mirror = 28
    }

    private let base: UnsafeMutableRawPointer

    init(_ payload: UnsafeMutableRawPointer) { base = payload }

    func fill(
        _ inode: Inode, _ sort: Sort, flags: Int32 = 0, descriptor: Int32 = -1, backing: BackingID? = nil,
        tellsCloses: Bool = true, copies: (serving: UInt32?, mirror: UInt32?) = (nil, nil)
    ) {
        base.storeBytes(of: copies.serving.map { $0 + 1 } ?? 0, toByteOffset: Field.serving, as: UInt32.self)
        base.storeBytes(of: copies.mirror.map { $0 + 1 } ?? 0, toByteOffset: Field.mirror, as: UInt32.self)
        base.storeBytes(of: inode.generation, toByteOffset: Field.generation, as: UInt64.self)
        base.storeBytes(of: flags, toByteOffset: Field.flags, as: Int32.self)
        base.storeBytes(of: descriptor + 1, toByteOffset: Field.descriptor, as: Int32.self)
        base.storeBytes(of: backing?.rawValue ?? 0, toByteOffset: Field.backing, as: Int32.self)
        base.storeBytes(of: sort.rawValue, toByteOffset: Field.sort, as: UInt8.self)
        base.storeBytes(of: tellsCloses ? 1 : 0, toByteOffset: Field.tellsCloses, as: UInt8.self)
    }

    /// That of its inode; 0: the root.
    var generation: UInt64 { base.load(fromByteOffset: Field.generation, as: UInt64.self) }
    var flags: Int32 { base.load(fromByteOffset: Field.flags, as: Int32.self) }
    /// -1: none is kept for it.
    var descriptor: Int32 { base.load(fromByteOffset: Field.descriptor, as: Int32.self) - 1 }
    var backing: BackingID? {
        let number = base.load(fromByteOffset: Field.backing, as: Int32.self)
        return number > 0 ? BackingID(rawValue: number) : nil
    }
    var sort: Sort { Sort(rawValue: base.load(fromByteOffset: Field.sort, as: UInt8.self)) ?? .file }
    /// The record of the staged copy that the kernel serves it by; nil: the source.
    var serving: UInt32? { copy(Field.serving) }
    /// The record of the staged copy that is written to as well; nil: none.
    var mirror: UInt32? { copy(Field.mirror) }
    var tellsCloses: Bool { base.load(fromByteOffset: Field.tellsCloses, as: UInt8.self) != 0 }

    private func copy(_ field: Int) -> UInt32? {
        let number = base.load(fromByteOffset: field, as: UInt32.self)
        return number > 0 ? number - 1 : nil
    }
}
