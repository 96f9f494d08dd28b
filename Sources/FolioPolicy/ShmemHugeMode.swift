/// The value of a tmpfs mount's `huge=` option or of /sys/kernel/mm/transparent_hugepage/shmem_enabled.
///
/// Source: Linux mm/shmem.c shmem_parse_huge(). `deny` and `force` exist in the sysfs file only.
public enum ShmemHugeMode: String, Hashable, Sendable, CaseIterable {
    /// Huge folios wherever they fit.
    case always
    /// Huge folios only where they lie wholly inside i_size.
    case withinSize = "within_size"
    /// Huge folios where madvise(MADV_HUGEPAGE) asks.
    case advise
    /// None.
    case never
    /// None for any shmem mount, whatever its option (sysfs only).
    case deny
    /// Huge folios for every shmem mount, whatever its option (sysfs only).
    case force
}
