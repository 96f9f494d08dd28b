/// The page and PMD sizes of a machine.
///
/// Source: Linux include/linux/huge_mm.h HPAGE_PMD_ORDER, include/linux/pagemap.h MAX_PAGECACHE_ORDER.
public struct PageGeometry: Hashable, Sendable {
    /// Bytes in a page.
    public let pageSize: Int
    /// The order of the folio that one PMD entry maps; 9 on x86-64.
    public let pmdOrder: FolioOrder
    /// The largest order the page cache can hold; below `pmdOrder` no file folio is ever PMD-sized.
    public let maximumPageCacheOrder: FolioOrder

    /// A geometry from its numbers.
    public init(pageSize: Int, pmdOrder: FolioOrder, maximumPageCacheOrder: FolioOrder) {
        self.pageSize = pageSize
        self.pmdOrder = pmdOrder
        self.maximumPageCacheOrder = maximumPageCacheOrder
    }

    /// Bytes that one PMD entry maps.
    public var pmdSize: Int { pageSize << Int(pmdOrder.rawValue) }

    /// Bytes that one page of PMD entries, of 8 bytes each, covers: 1 GiB on x86-64.
    package var pmdTableSize: Int { pmdSize * (pageSize / 8) }

    /// Whether the page cache can hold a folio that one PMD entry maps.
    public var reachesPMD: Bool { maximumPageCacheOrder >= pmdOrder }

    /// Where a mapping of a file can reach, in bytes: none reaches into the page of the last offset there is.
    ///
    /// Source: Linux 6.18 mm/mmap.c file_mmap_ok().
    public var mappingReach: Int { Int.max / pageSize * pageSize }

    /// x86-64 with 4 KiB pages: 2 MiB by one PMD.
    public static let x86_64 = PageGeometry(
        pageSize: 4096, pmdOrder: FolioOrder(9), maximumPageCacheOrder: FolioOrder(9))
    /// The geometry of an architecture by its `uname -m` name and page size; nil: it has no transparent huge pages, or
    /// not with that page size.
    ///
    /// MAX_PAGECACHE_ORDER is the smaller of the PMD order and 11 (MAX_XAS_ORDER, xarray nodes of 64 slots).
    /// Source: Linux 6.10 include/linux/pagemap.h; arch/*/include/asm/pgtable.h.
    public static func of(architecture: String, pageSize: Int) -> PageGeometry? {
        let pmdOrder: UInt8
        switch (architecture, pageSize) {
        case ("x86_64", 4096), ("riscv64", 4096), ("i686", 4096): pmdOrder = 9
        case ("aarch64", 4096), ("loongarch64", 4096), ("mips64", 4096): pmdOrder = 9
        case ("aarch64", 16384), ("loongarch64", 16384), ("mips64", 16384): pmdOrder = 11
        case ("aarch64", 65536), ("loongarch64", 65536), ("mips64", 65536): pmdOrder = 13
        case ("s390x", 4096): pmdOrder = 8
        case ("ppc64le", 4096), ("ppc64", 4096): pmdOrder = 9
        case ("ppc64le", 65536), ("ppc64", 65536): pmdOrder = 5
        case ("sparc64", 8192): pmdOrder = 10
        default: return nil
        }
        return PageGeometry(
            pageSize: pageSize, pmdOrder: FolioOrder(pmdOrder), maximumPageCacheOrder: FolioOrder(min(pmdOrder, 11)))
    }
}
