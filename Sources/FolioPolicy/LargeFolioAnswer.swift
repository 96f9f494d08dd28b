/// FolioFS's own central question answered: may large folios be created for this file, and by which half?
public struct LargeFolioAnswer: Hashable, Sendable {
    /// Whether the filesystem's own page cache can hold PMD folios.
    public var filesystemSupports: Verdict
    /// Whether the executable/read-only fallback (CONFIG_READ_ONLY_THP_FOR_FS) holds for this file on this kernel.
    public var fallback: Verdict
    /// The facts that matter and are unknown.
    public var missing: [String]

    /// An answer from its halves.
    public init(filesystemSupports: Verdict, fallback: Verdict, missing: [String]) {
        self.filesystemSupports = filesystemSupports
        self.fallback = fallback
        self.missing = missing
    }

    /// One half or the other: allowed where either is, denied where both are.
    public var verdict: Verdict {
        if filesystemSupports == .allowed || fallback == .allowed { return .allowed }
        if filesystemSupports == .denied && fallback == .denied { return .denied }
        return .unknown
    }
}
