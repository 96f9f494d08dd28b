package import FolioPolicy

/// A decision as `explain --json` prints it.
///
/// `path`, `filesystem`, `kernel`, `orders`, `errno`, `scanReason` and `route` are always there, null where there is
/// nothing to say.
package struct DecisionDocument: Sendable {
    /// No more chunks than this are listed; how many more there are is in `chunksLeftOut`.
    package static let chunkLimit = 65536

    /// The file's path; nil: the question had none.
    package var path: String?
    /// The filesystem's type; nil: unknown.
    package var filesystem: String?
    /// The kernel's version; nil: unknown.
    package var kernel: KernelVersion?
    /// The operation asked about.
    package var operation: Operation
    /// The answer.
    package var decision: Decision
    /// How FolioFS would serve the file; nil: it was not asked, and the keys about it are left out but for a null
    /// `route`.
    package var route: RouteDecision?
    /// Whether large folios may be created for the file; nil: it was not asked, and the key is left out.
    package var mayCreateLargeFolios: LargeFolioAnswer?
    /// What may yet happen to the operation, whatever the facts say.
    package var possibilities: [Possibility] = []

    /// A document from its parts.
    package init(
        path: String?, filesystem: String?, kernel: KernelVersion?, operation: Operation, decision: Decision,
        route: RouteDecision? = nil, mayCreateLargeFolios: LargeFolioAnswer? = nil
    ) {
        self.path = path
        self.filesystem = filesystem
        self.kernel = kernel
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
        possibilities = decision.verdict == .denied ? [] : Possibility.all(for: query)
    }
}
