/// The machine's and the process's controls over transparent huge pages.
public struct SystemFacts: Hashable, Sendable {
    /// transparent_hugepage/enabled; nil: unknown.
    public var enabled: HugePageMode?
    /// transparent_hugepage/shmem_enabled; nil: unknown.
    public var shmemEnabled: ShmemHugeMode?
    /// prctl(PR_SET_THP_DISABLE) of the process that maps; nil: unknown.
    public var processDisabled: Bool?

    /// The controls as read.
    public init(enabled: HugePageMode?, shmemEnabled: ShmemHugeMode?, processDisabled: Bool? = false) {
        self.enabled = enabled
        self.shmemEnabled = shmemEnabled
        self.processDisabled = processDisabled
    }
}
