import FolioPolicy

/// A folio of a page cache by what a collapse that fails must leave as it was.
struct FolioPlace: Hashable {
    /// The file offset of its first page in bytes.
    let offset: Int
    /// Its order.
    let order: FolioOrder
    /// The physical frame of its first page.
    let frame: UInt64
}
