extension PolicyQuery {
    /// Whether the facts that are known can be together.
    ///
    /// A folio that the page cache cannot hold is not in it, unless a collapse under the read-only fallback put it there;
    /// such a folio does not outlive an open for writing. What is mapped by a PMD is one PMD folio, and has been touched.
    /// What has been touched is cached. A writable shared mapping is a writer. What is never written is neither dirty nor
    /// open for writing.
    public var isPossible: Bool {
        let writes = capability.writes
        if writes == WriteBehaviour.none && (file.openForWrite == true || file.dirty == true) { return false }
        if writes == .through && file.dirty == true { return false }
        if mapping.shared == true && mapping.write == true {
            if writes == WriteBehaviour.none || file.openForWrite == false { return false }
        }
        if mapping.pmdMapped == true && mapping.touched == false { return false }
        if mapping.touched == true && mapping.pageTableNearby == false { return false }
        return isCachePossible
    }

    private var isCachePossible: Bool {
        let pmd = kernel.geometry.pmdOrder
        guard let cached = file.cachedOrders ?? (mapping.pmdMapped == true ? [pmd] : nil) else { return true }
        if mapping.pmdMapped == true && cached != [pmd] { return false }
        if mapping.touched == true && cached.isEmpty { return false }
        if file.dirty == true && cached.isEmpty { return false }
        if case .unknown = capability.orders { return true }
        let holdsPMD = capability.orders.reaches(pmd) == true
        if cached.contains(pmd) && !holdsPMD {
            if !mayHaveBeenCollapsed || file.dirty == true { return false }
        }
        switch capability.orders {
        case .none: return cached.isSubset(of: [.zero, pmd])
        case .shmem: return cached.isSubset(of: [.zero, pmd])
        case .range(let minimum, let maximum): return cached.allSatisfy { $0 == pmd || minimum <= $0 && $0 <= maximum }
        case .unknown: return true
        }
    }

    /// Whether a collapse under the read-only fallback can have made a folio.
    private var mayHaveBeenCollapsed: Bool {
        guard kernel.config[EligibilityRules.option] != false else { return false }
        guard let version = kernel.version else { return true }
        return KernelEra.fallback.contains(version)
    }
}
