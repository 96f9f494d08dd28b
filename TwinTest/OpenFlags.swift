import CLinuxShims

/// Flags of open(2) that Glibc hides from Swift.
enum OpenFlags {
    static let pathOnly = Int32(FOLIO_O_PATH)
    static let directory = Int32(FOLIO_O_DIRECTORY)
    static let noFollow = Int32(FOLIO_O_NOFOLLOW)
    static let temporary = Int32(FOLIO_O_TMPFILE)
    static let direct = Int32(FOLIO_O_DIRECT)
    static let noAccessTime = Int32(FOLIO_O_NOATIME)
    /// For the *at(2) calls.
    static let emptyPath = Int32(FOLIO_AT_EMPTY_PATH)
}
