/// Every rule of the question, in the order of the groups that ask them.
enum RuleBook {
    static let all: [Rule] = [
        EligibilityRules.hugePages, EligibilityRules.geometry, EligibilityRules.exists, EligibilityRules.regular,
        EligibilityRules.dax, MappingRules.special, MappingRules.access, MappingRules.hugetlb, AlignmentRules.range,
        AlignmentRules.congruent, AlignmentRules.wholeChunk, ControlRules.advice, ControlRules.process,
        ControlRules.enabled, FaultRules.folios, ShmemRules.enabled, ShmemRules.huge, ShmemRules.order,
        EligibilityRules.config, EligibilityRules.exec, EligibilityRules.writers, EligibilityRules.capability,
        FaultRules.hugePageAdvice, FaultRules.singlePages, ReadaheadWriteRules.ramp, ReadaheadWriteRules.largeWrite,
        ReadaheadWriteRules.drops, FolioStateRules.compound, FolioStateRules.references, FolioStateRules.present,
        AllocationRules.memory, AllocationRules.cgroup, FolioStateRules.dirty, FolioStateRules.writeback,
        FolioStateRules.privateData, FolioStateRules.inFile, MappingRules.watched, MappingRules.copied,
        FolioStateRules.pageTable,
    ]

    /// The kernels of every rule, and those between which a rule changes what it asks.
    static let ranges: [KernelRange] =
        all.map(\.kernels) + ScanErrno.rows.map(\.kernels) + ShmemRules.collapseAsksOrder + [
            KernelEra.fallback, KernelEra.fallbackAsksForImage, KernelEra.fallbackAsksForExec, KernelEra.mappingDecides,
            KernelEra.collapse, KernelEra.populate, ControlRules.faultAsks, ControlRules.splitsDisabled,
            FaultRules.readaheadIsLimited, FolioStateRules.refusesEveryOrder, FolioStateRules.needsOwnTable,
            ShmemRules.faultTakesSmallerOrders, MappingRules.gapsAreAskedAbout,
        ]
}
