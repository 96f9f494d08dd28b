package import FolioPolicy

/// A decision as `explain --json` prints it.
///
/// `path`, `filesystem`, `kernel`, `orders`, `errno`, `scanReason` and `route` are always there, null where there is
/// nothing to say.
package struct DecisionDocument: Encodable, Sendable {
    /// No more chunks than this are listed; how many more there are is in `chunksLeftOut`.
    package static let chunkLimit = 65536

    /// The file's path; nil: the question had none.
    package var path: String?
    /// The filesystem's type; nil: unknown.
    package var filesystem: String?
    /// The kernel's version; nil: unknown.
    package var kernel: String?
    /// The operation asked about.
    package var operation: Operation
    /// The answer.
    package var decision: Decision
    /// How FolioFS would serve the file; nil: it was not asked, and the keys about it are left out but for a null
    /// `route`.
    package var route: RouteDecision?
    /// Whether large folios may be created for the file; nil: it was not asked, and the key is left out.
    package var mayCreateLargeFolios: LargeFolioAnswer?

    /// A document from its parts.
    package init(
        path: String?, filesystem: String?, kernel: KernelVersion?, operation: Operation, decision: Decision,
        route: RouteDecision? = nil, mayCreateLargeFolios: LargeFolioAnswer? = nil
    ) {
        self.path = path
        self.filesystem = filesystem
        self.kernel = kernel?.description
        self.operation = operation
        self.decision = decision
        self.route = route
        self.mayCreateLargeFolios = mayCreateLargeFolios
    }

    /// The document of a decision on a query.
    package init(
        path: String? = nil, query: PolicyQuery, decision: Decision, route: RouteDecision? = nil,
        mayCreateLargeFolios: LargeFolioAnswer? = nil
    ) {
        self.init(
            path: path, filesystem: query.filesystem.type, kernel: query.kernel.version, operation: query.operation,
            decision: decision, route: route, mayCreateLargeFolios: mayCreateLargeFolios)
    }

    private enum Key: String, CodingKey {
        case path, filesystem, kernel, operation, verdict, orders, errno, scanReason, missing, route, rules, chunks
        case chunksLeftOut, routeReason, routeRule, promotion, mayCreateLargeFolios
    }

    /// Writes the keys of `explain --json`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(path, forKey: .path)
        try container.encode(filesystem, forKey: .filesystem)
        try container.encode(kernel, forKey: .kernel)
        try container.encode(operation.rawValue, forKey: .operation)
        try container.encode(decision.verdict.rawValue, forKey: .verdict)
        try container.encode(decision.orders.map(Orders.init), forKey: .orders)
        try container.encode(decision.errno, forKey: .errno)
        try container.encode(decision.scanReason, forKey: .scanReason)
        try container.encode(decision.missing, forKey: .missing)
        try container.encode(route?.route.rawValue, forKey: .route)
        try container.encode(decision.rules.map(RuleEntry.init), forKey: .rules)
        try container.encode(decision.chunks.prefix(Self.chunkLimit).map(Chunk.init), forKey: .chunks)
        if decision.chunks.count > Self.chunkLimit {
            try container.encode(decision.chunks.count - Self.chunkLimit, forKey: .chunksLeftOut)
        }
        if let route {
            try container.encode(route.reason, forKey: .routeReason)
            try container.encode(route.rule, forKey: .routeRule)
            try container.encode(route.promotion.rawValue, forKey: .promotion)
        }
        try container.encodeIfPresent(mayCreateLargeFolios.map(LargeFolios.init), forKey: .mayCreateLargeFolios)
    }

    // MARK: The values of the keys

    private struct Orders: Encodable {
        let minimum: UInt8
        let maximum: UInt8

        init(_ orders: ClosedRange<FolioOrder>) {
            minimum = orders.lowerBound.rawValue
            maximum = orders.upperBound.rawValue
        }
    }

    private struct RuleEntry: Encodable {
        let id: String
        let outcome: String
        let evidence: String
        let source: String

        init(_ rule: RuleOutcome) {
            id = rule.id
            outcome = rule.outcome.rawValue
            evidence = rule.evidence
            source = rule.source
        }
    }

    private struct Chunk: Encodable {
        let offset: Int
        let plan: String
        let bytesCopied: Int

        init(_ chunk: ChunkPlan) {
            offset = chunk.offset
            plan = chunk.action.rawValue
            bytesCopied = chunk.bytesCopied
        }
    }

    private struct LargeFolios: Encodable {
        let verdict: String
        let filesystemSupports: String
        let fallback: String
        let missing: [String]

        init(_ answer: LargeFolioAnswer) {
            verdict = answer.verdict.rawValue
            filesystemSupports = answer.filesystemSupports.rawValue
            fallback = answer.fallback.rawValue
            missing = answer.missing
        }
    }
}
