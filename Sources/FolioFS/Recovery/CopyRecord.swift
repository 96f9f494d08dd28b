import CLinuxShims

/// A staged copy that somebody has open or mapped, as daemons hand it on: its descriptor, its source's, and the state of the source that
/// it equals. Of the others new ones are made.
struct CopyRecord: TableRecord, @unchecked Sendable {
    static let size = 128

    private enum Field {
        /// 0: never used; 1: opens find the copy; 2: free.
        static let state = 0
        static let device = 8
        static let inode = 16
        static let descriptor = 24
        static let source = 32
        static let reserved = 40
        static let hasStamp = 48
        static let stamp = 56
        static let isStoredTo = 96
        static let states = 104
    }

    private let base: UnsafeMutableRawPointer
    let index: UInt32

    init(_ base: UnsafeMutableRawPointer, _ index: UInt32) {
        self.base = base
        self.index = index
    }

    var wasUsed: Bool { word(Field.state) != 0 }
    var isInUse: Bool { word(Field.state) == 1 }
    var isLost: Bool { source < 0 }
    var identity: FileIdentity { FileIdentity(device: word(Field.device), inode: word(Field.inode)) }
    var descriptor: Int32 { Int32(truncatingIfNeeded: word(Field.descriptor)) - 1 }

    /// The source, open for reading; -1: nobody has the copy open or mapped.
    var source: Int32 {
        get { Int32(truncatingIfNeeded: word(Field.source)) - 1 }
        nonmutating set { set(Field.source, UInt64(newValue + 1)) }
    }

    var reserved: Int {
        get { Int(word(Field.reserved)) }
        nonmutating set { set(Field.reserved, UInt64(newValue)) }
    }

    var isStoredTo: Bool {
        get { word(Field.isStoredTo) != 0 }
        nonmutating set { set(Field.isStoredTo, newValue ? 1 : 0) }
    }

    /// What is known of the blocks of a copy that others may store to; -1: nothing.
    var states: Int32 {
        get { Int32(truncatingIfNeeded: word(Field.states)) - 1 }
        nonmutating set { set(Field.states, UInt64(newValue + 1)) }
    }

    /// nil also where the daemon ended while it was noted.
    var stamp: SourceStamp? {
        get { word(Field.hasStamp) == 0 ? nil : (base + Field.stamp).load(as: SourceStamp.self) }
        nonmutating set {
            set(Field.hasStamp, 0)
            guard let newValue else { return }
            (base + Field.stamp).storeBytes(of: newValue, as: SourceStamp.self)
            set(Field.hasStamp, 1)
        }
    }

    /// Makes it that of a new copy, which no open finds yet.
    func prepare(_ identity: FileIdentity, descriptor: Int32, reserved: Int) {
        set(Field.device, identity.device)
        set(Field.inode, identity.inode)
        set(Field.descriptor, UInt64(descriptor + 1))
        set(Field.source, 0)
        set(Field.isStoredTo, 0)
        set(Field.states, 0)
        set(Field.hasStamp, 0)
        self.reserved = reserved
    }

    /// Opens find the copy.
    func begin() { set(Field.state, 1) }

    func end() { set(Field.state, 2) }

    private func word(_ offset: Int) -> UInt64 { folio_load_word(base + offset) }
    private func set(_ offset: Int, _ value: UInt64) { folio_store_word(base + offset, value) }
}
