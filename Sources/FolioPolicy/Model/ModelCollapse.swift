/// How a collapse in a `PageCacheModel` ended.
public struct ModelCollapse: Hashable, Sendable {
    /// A step of collapse_file() that can fail.
    ///
    /// Source: Linux 6.12 and 7.3 mm/khugepaged.c collapse_file(), in its order.
    public enum Step: String, Hashable, Sendable, CaseIterable {
        /// alloc_charge_folio(): memory.
        case allocate
        /// alloc_charge_folio(): the memory cgroup.
        case charge
        /// xas_create_range(): slots for every page.
        case makeSlots
        /// shmem_get_folio(), page_cache_sync_readahead(): what is swapped out or absent is brought in.
        case bringIn
        /// folio_trylock().
        case lock
        /// folio_test_uptodate(), folio_mapping(): it is still what it was.
        case revalidate
        /// folio_isolate_lru().
        case isolate
        /// filemap_release_folio().
        case releasePrivateData
        /// try_to_unmap(), then the count of references.
        case unmap
        /// shmem_charge() for the gaps.
        case chargeGaps
        /// copy_mc_highpage().
        case copy
        /// XA_RETRY_ENTRY into a gap.
        case fillGap
        /// userfaultfd_missing() of some mapping.
        case askMonitors
    }

    /// What came of it.
    public enum Result: Hashable, Sendable {
        /// The chunk is one new PMD folio.
        case copied
        /// The PMD folio that was there is mapped by a PMD.
        case mappedInPlace
        /// A PMD mapped it already.
        case alreadyMapped
        /// It is as it was, for this reason.
        case refused(ScanReason)
    }

    /// What came of it.
    public var result: Result
    /// How many steps were begun, the one that failed included.
    public var steps: Int
    /// The step that was made to fail; nil: none was.
    public var failed: Step?

    /// The reason that the kernel gives where a step fails.
    static func reason(of step: Step) -> ScanReason {
        switch step {
        case .allocate: .allocationFailed
        case .charge: .cgroupCharge
        case .makeSlots, .bringIn, .chargeGaps: .fail
        case .lock: .pageLock
        case .revalidate: .truncated
        case .isolate: .deletePageLRU
        case .releasePrivateData: .pageHasPrivate
        case .unmap: .pageCount
        case .copy: .poisoned
        case .fillGap: .storeFailed
        case .askMonitors: .exceedNonePTE
        }
    }
}
