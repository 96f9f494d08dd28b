/// The value of /sys/kernel/mm/transparent_hugepage/hugepages-<size>kB/shmem_enabled, from 6.11 on.
///
/// Source: Linux 6.11 mm/shmem.c thpsize_shmem_enabled_show(). It is asked for shared anonymous mappings alone.
public enum ShmemOrderControl: String, Hashable, Sendable, CaseIterable {
    /// Folios of the order wherever they fit.
    case always
    /// Folios of the order where they lie wholly inside i_size.
    case withinSize = "within_size"
    /// Folios of the order where madvise(MADV_HUGEPAGE) asks.
    case advise
    /// What shmem_enabled says.
    case inherit
    /// None.
    case never
}
