import CLinuxShims

/// Flags of open(2) and the *at(2) calls that Glibc hides from Swift, as the calls take them.
enum SourceFlags {
    static let pathOnly = Int32(FOLIO_O_PATH)
    static let directory = Int32(FOLIO_O_DIRECTORY)
    static let noFollow = Int32(FOLIO_O_NOFOLLOW)
    /// RENAME_EXCHANGE of renameat2(2).
    static let exchange = UInt32(FOLIO_RENAME_EXCHANGE)
    /// RENAME_WHITEOUT of renameat2(2).
    static let whiteout = UInt32(FOLIO_RENAME_WHITEOUT)
    static let noAccessTime = Int32(FOLIO_O_NOATIME)
    static let temporary = Int32(FOLIO_O_TMPFILE)
    /// The descriptor itself, its path being "".
    static let emptyPath = Int32(FOLIO_AT_EMPTY_PATH)
}
