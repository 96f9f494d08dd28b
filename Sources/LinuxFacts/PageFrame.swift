package import FolioPolicy

/// One page of a mapping: the physical frame behind it and the folio it belongs to.
package struct PageFrame: Hashable, Sendable {
    /// Flags of /proc/kpageflags.
    ///
    /// Source: Linux include/uapi/linux/kernel-page-flags.h.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt64
        package init(rawValue: UInt64) { self.rawValue = rawValue }
        /// KPF_DIRTY.
        package static let dirty = Flags(rawValue: 1 << 4)
        /// KPF_LRU.
        package static let lru = Flags(rawValue: 1 << 5)
        /// KPF_WRITEBACK.
        package static let writeback = Flags(rawValue: 1 << 8)
        /// KPF_ANON.
        package static let anonymous = Flags(rawValue: 1 << 12)
        /// KPF_COMPOUND_HEAD: the first page of a folio above order 0.
        package static let compoundHead = Flags(rawValue: 1 << 15)
        /// KPF_COMPOUND_TAIL: another page of one.
        package static let compoundTail = Flags(rawValue: 1 << 16)
        /// KPF_HUGE: hugetlbfs.
        package static let hugetlb = Flags(rawValue: 1 << 17)
        /// KPF_PRIVATE: the filesystem keeps something for the folio, such as its buffers.
        package static let filesystemData = Flags(rawValue: 1 << 35)
        /// KPF_THP: a folio of the PMD order; on some kernels of any order above 0.
        package static let transparentHuge = Flags(rawValue: 1 << 22)
    }

    /// The virtual address of the page.
    package var address: UInt64
    /// The physical frame number.
    package var number: UInt64
    /// The frame's flags.
    package var flags: Flags
    /// The frame number of the folio's first page.
    package var head: UInt64
    /// The folio's order.
    package var order: FolioOrder

    /// Where it is and in which frame.
    package var page: MappedPage { MappedPage(address: address, number: number) }
}
