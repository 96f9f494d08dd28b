import CLinuxShims

/// A filesystem of the source as daemons hand it on.
struct FilesystemRecord {
    static let size = 64

    private enum Field {
        static let isInUse = 0
        static let descriptor = 8
        static let mount = 16
        static let device = 24
        static let numberSpace = 32
        static let isBoundary = 40
    }

    private let base: UnsafeMutableRawPointer

    init(_ base: UnsafeMutableRawPointer) { self.base = base }

    var isInUse: Bool { folio_load_word(base) != 0 }
    var descriptor: Int32 { Int32(truncatingIfNeeded: word(Field.descriptor)) - 1 }
    var mount: UInt64 { word(Field.mount) }
    var device: UInt64 { word(Field.device) }
    var numberSpace: UInt16 { UInt16(truncatingIfNeeded: word(Field.numberSpace)) }
    var isBoundary: Bool { word(Field.isBoundary) != 0 }

    func begin(_ filesystem: SourceFilesystem) {
        folio_store_word(base + Field.descriptor, UInt64(filesystem.descriptor + 1))
        folio_store_word(base + Field.mount, filesystem.mount)
        folio_store_word(base + Field.device, filesystem.device)
        folio_store_word(base + Field.numberSpace, UInt64(filesystem.numberSpace))
        folio_store_word(base + Field.isBoundary, filesystem.isBoundary ? 1 : 0)
        folio_store_word(base + Field.isInUse, 1)
    }

    private func word(_ offset: Int) -> UInt64 { folio_load_word(base + offset) }
}
