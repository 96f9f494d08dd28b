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

    /// x86-64 with 4 KiB pages: 2 MiB by one PMD.
    public static let x86_64 = PageGeometry(
        pageSize: 4096, pmdOrder: FolioOrder(9), maximumPageCacheOrder: FolioOrder(9))
}
