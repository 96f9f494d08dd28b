/// A query with what every rule asks of it worked out once, for a kernel whose version is known.
struct Inquiry {
    /// Whose page cache holds the file.
    enum PageCache {
        /// shmem: tmpfs and memfd.
        case shmem
        /// Any other filesystem's.
        case file
        /// Not known.
        case unknown
    }

    let query: PolicyQuery
    let version: KernelVersion
    let pageCache: PageCache
    /// The whole chunks of the mapping; nil: no mapping can be so.
    let span: ChunkSpan?
    /// What is seen of a denial before the scan.
    let beforeScan: Refusal
    /// Whether hugetlbfs holds the file.
    let isHugetlb: Bool
    /// Whether it is known to be a DAX file, which has no page cache.
    let isDax: Bool
    /// What of a file is missing where its page cache is `.unknown`.
    let missingPageCache: [String]

    /// - Parameter pageCache: what to take the page cache for where the facts leave it open; nil: what they say.
    init(_ query: PolicyQuery, version: KernelVersion, pageCache supposed: PageCache? = nil) {
        self.query = query
        self.version = version
        span = ChunkSpan(query.mapping, geometry: query.kernel.geometry)
        beforeScan = .beforeScan(query.operation)
        isHugetlb =
            query.filesystem.layers.isEmpty
            ? query.filesystem.type == "hugetlbfs" : query.filesystem.pageCacheOwner.type == "hugetlbfs"
        isDax = query.file.dax ?? query.file.inodeFlags?.contains("dax") ?? false
        let capability = query.capability
        let untyped = query.filesystem.type == nil
        // A native plugin that did not answer might have said that it is another filesystem's.
        let layered = capability.missing.contains { $0.hasSuffix(".layers") || $0.hasPrefix("plugin.") }
        switch capability.orders {
        case _ where supposed != nil: (pageCache, missingPageCache) = (supposed ?? .unknown, [])
        case .shmem: (pageCache, missingPageCache) = (.shmem, [])
        case .unknown where untyped: (pageCache, missingPageCache) = (.unknown, ["filesystem.type"])
        case .unknown where layered: (pageCache, missingPageCache) = (.unknown, capability.missing)
        case .unknown, .none, .range: (pageCache, missingPageCache) = (.file, [])
        }
    }

    var operation: Operation { query.operation }
    var file: FileFacts { query.file }
    var mapping: MappingFacts { query.mapping }
    var geometry: PageGeometry { query.kernel.geometry }
    var pmdOrder: FolioOrder { query.kernel.geometry.pmdOrder }

    /// Whether a collapse copies into a new folio, rather than map the PMD folio that is there; nil: what is cached would
    /// tell.
    var copies: Bool? {
        switch FaultRules.cached(self) {
        case .pmd: false
        case .nothing, .small: true
        case .unknown: query.capability.orders.reaches(pmdOrder) == false && !fallbackMakesPMD ? true : nil
        }
    }

    /// Whether a collapse under the read-only fallback can have made a PMD folio.
    var fallbackMakesPMD: Bool {
        KernelEra.fallback.contains(version) && query.kernel.config[EligibilityRules.option] != false
    }

    /// Whether the kernel has the rule.
    func has(_ rule: Rule) -> Bool { rule.kernels.contains(version) }

    /// A collapse that ended its scan with `reason`.
    func scanned(_ reason: ScanReason) -> Refusal {
        guard operation.returnsErrno else { return Refusal(errno: nil, scan: reason) }
        return Refusal(errno: ScanErrno.errno(of: reason, on: version), scan: reason)
    }

    /// Names of what a capability lacks.
    var missingCapability: [String] {
        query.capability.missing.isEmpty ? ["filesystem.capability"] : query.capability.missing
    }
}
