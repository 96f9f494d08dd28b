/// The machine's and the process's controls over transparent huge pages.
public struct SystemFacts: Hashable, Sendable {
    /// transparent_hugepage/enabled; nil: unknown.
    public var enabled: HugePageMode?
    /// transparent_hugepage/shmem_enabled; nil: unknown.
    public var shmemEnabled: ShmemHugeMode?
    /// prctl(PR_SET_THP_DISABLE) of the process that maps; nil: unknown.
    public var processDisabled: Bool?
    /// Where it is PR_THP_DISABLE_EXCEPT_ADVISED, of 6.18 and later: mappings under MADV_HUGEPAGE and a forced collapse
    /// are let through; nil: it is not known to be.
    public var processDisabledExceptAdvised: Bool?
    /// The shmem_enabled of the PMD's own order (hugepages-<PMD size>kB), of 6.11 and later; nil: unknown.
    public var shmemPMDControl: ShmemOrderControl?
    /// Whether the kernel can allocate a folio of PMD order; nil: nothing says otherwise.
    public var hugeFolioAvailable: Bool?
    /// Whether the memory cgroup has room for a folio of PMD order; nil: nothing says otherwise.
    public var memoryCgroupHasRoom: Bool?

    /// The controls as read.
    public init(enabled: HugePageMode?, shmemEnabled: ShmemHugeMode?, processDisabled: Bool? = false) {
        self.enabled = enabled
        self.shmemEnabled = shmemEnabled
        self.processDisabled = processDisabled
    }
}
