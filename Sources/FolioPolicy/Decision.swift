/// The policy's answer to a `PolicyQuery`, with every rule that led to it.
public struct Decision: Hashable, Sendable {
    /// Whether every whole PMD chunk of the mapping comes to be PMD-mapped.
    public var verdict: Verdict
    /// The folio orders this operation may create there; nil where denied outright or unknown.
    public var orders: ClosedRange<FolioOrder>?
    /// The errno the kernel returns, by name (`EINVAL`); nil where none is returned or not known.
    public var errno: String?
    /// The kernel's own SCAN_* reason without the prefix, lower case as the tracepoint prints it; nil where none.
    public var scanReason: String?
    /// Facts that matter and are unknown, by their names in a query document.
    public var missing: [String]
    /// Every rule, in the order asked.
    public var rules: [RuleOutcome]
    /// What happens to each whole chunk of the mapping; empty where the verdict is unknown or no chunk is whole.
    public var chunks: CollapsePlan

    /// An answer from its parts.
    public init(
        verdict: Verdict, orders: ClosedRange<FolioOrder>?, errno: String?, scanReason: String?, missing: [String],
        rules: [RuleOutcome], chunks: CollapsePlan
    ) {
        self.verdict = verdict
        self.orders = orders
        self.errno = errno
        self.scanReason = scanReason
        self.missing = missing
        self.rules = rules
        self.chunks = chunks
    }
}
