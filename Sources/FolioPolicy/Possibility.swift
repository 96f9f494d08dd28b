/// A failure that no fact foretells: another call of the same kind may succeed.
public struct Possibility: Hashable, Sendable {
    /// The rule it belongs to.
    public var id: FixedText
    /// The errno's name.
    public var errno: FixedText
    /// The SCAN code; nil: it fails before any scan.
    public var scanReason: ScanReason?
    /// When it happens.
    public var when: FixedText

    /// What may happen to the operation of `query`; empty for operations that return no errno, and where the version is not
    /// known.
    public static func all(for query: PolicyQuery) -> [Possibility] {
        guard query.operation.isCollapse, let version = query.kernel.version, KernelEra.collapse.contains(version)
        else {
            return []
        }
        let isCurrent = KernelEra.mappingDecides.contains(version)
        guard query.operation == .processCollapse else { return isCurrent ? current : fallback }
        return isCurrent ? currentOfAnother : fallbackOfAnother
    }

    private static let common: [Possibility] = [
        Possibility(
            id: "memory.allocation", errno: "ENOMEM", scanReason: .allocationFailed,
            when: "no folio of PMD order is free, and none can be made"),
        Possibility(
            id: "memory.cgroup", errno: "EBUSY", scanReason: .cgroupCharge, when: "the memory cgroup has no room"),
        Possibility(
            id: "cache.references", errno: "EAGAIN", scanReason: .pageCount,
            when: "somebody holds a folio: a pin, a pipe, a batch that is not drained"),
        Possibility(
            id: "cache.locked", errno: "EAGAIN", scanReason: .pageLock, when: "somebody else has a folio locked"),
        Possibility(
            id: "cache.isolation", errno: "EAGAIN", scanReason: .deletePageLRU,
            when: "reclaim or compaction has a folio in hand"),
    ]
    private static let privateData: FixedText = "the filesystem does not let go of a folio's private data"
    private static let fallback =
        common + [
            Possibility(id: "cache.private", errno: "EINVAL", scanReason: .pageHasPrivate, when: privateData),
            Possibility(
                id: "fallback.writers", errno: "EINVAL", scanReason: .fail, when: "somebody opens the file for writing"),
        ]
    private static let current =
        common + [Possibility(id: "cache.private", errno: "EAGAIN", scanReason: .pageHasPrivate, when: privateData)]
    private static let permission = Possibility(
        id: "operation.permission", errno: "EPERM", scanReason: nil,
        when: "the caller has no CAP_SYS_NICE, or may not read the process (PTRACE_MODE_READ)")
    private static let fallbackOfAnother = fallback + [permission]
    private static let currentOfAnother = current + [permission]
}
