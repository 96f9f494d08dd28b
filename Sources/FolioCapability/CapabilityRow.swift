package import FolioPolicy

/// One row of a manifest: what holds on a range of kernels under conditions, and who says so.
///
/// A row states one or more values. For each value the first row that applies and states it gives the answer.
package struct CapabilityRow: Hashable, Sendable {
    /// The kernels it holds for.
    package var kernels: KernelRange
    /// All of these must hold.
    package var when: [CapabilityCondition]
    /// None of these may hold.
    package var unless: [CapabilityCondition]
    /// The orders the page cache can hold; nil: not stated.
    package var orders: OrderClaim?
    /// Whether one write(2) of whole chunks leaves PMD folios; nil: not stated.
    package var largeFolioWrites: Bool?
    /// Whether a file can back FUSE passthrough; nil: not stated.
    package var passthroughBacking: Bool?
    /// Whether large mappings are placed at PMD-aligned addresses; nil: not stated.
    package var alignsMappings: Bool?
    /// What a write(2) leaves behind; nil: not stated.
    package var writes: WriteBehaviour?
    /// Whether orders between 0 and the PMD's are made as well where `orders` is shmem's; nil: not stated.
    package var intermediateOrders: Bool?
    /// Kernel versions, file and function or commit.
    package var source: String
    /// How it is known.
    package var confidence: Confidence
    /// What a reader should know besides; nil: nothing.
    package var note: String?
    /// The line of the manifest the row begins on.
    package var line: Int

    /// Whether the row applies; nil: facts are missing, and they are named.
    func applies(_ facts: CapabilityFacts) -> (applies: Bool?, missing: [String]) {
        var missing: [String] = []
        if kernels != .all {
            switch facts.kernel.version.map(kernels.contains) {
            case false?: return (false, [])
            case nil: missing.append("kernel.version")
            case true?: break
            }
        }
        guard take(when, holding: true, facts, &missing), take(unless, holding: false, facts, &missing) else {
            return (false, [])
        }
        return (missing.isEmpty ? true : nil, missing)
    }

    /// Whether none of the conditions is known to be other than `wanted`; facts that would tell are added to `missing`.
    private func take(
        _ conditions: [CapabilityCondition], holding wanted: Bool, _ facts: CapabilityFacts, _ missing: inout [String]
    ) -> Bool {
        for condition in conditions {
            switch condition.holds(facts) {
            case nil: if !missing.contains(condition.factName) { missing.append(condition.factName) }
            case let holds?: if holds != wanted { return false }
            }
        }
        return true
    }

    // MARK: Reading

    private static let keys = [
        "kernel", "when", "unless", "orders", "large_folio_writes", "passthrough_backing", "aligns_mappings", "writes",
        "intermediate_orders", "source", "confidence", "note",
    ]

    init(_ node: ManifestNode, file: String) throws(ManifestError) {
        let section = try ManifestSection(node, title: "a [[capability]] row", keys: Self.keys, file: file)
        kernels = .all
        if let range = section["kernel"] { kernels = try KernelRangeText.parse(range, section) }
        when = try CapabilityCondition.parse("when", of: section)
        unless = try CapabilityCondition.parse("unless", of: section)
        if let claim = section["orders"] { orders = try OrderClaim.parse(claim, section) }
        largeFolioWrites = try section.boolean("large_folio_writes")
        passthroughBacking = try section.boolean("passthrough_backing")
        alignsMappings = try section.boolean("aligns_mappings")
        writes = try section.word("writes", WriteBehaviour.self)
        intermediateOrders = try section.boolean("intermediate_orders")
        source = try section.string("source", try section.require("source"))
        _ = try section.require("confidence")
        confidence = try section.word("confidence", Confidence.self) ?? .inferred
        note = try section.string("note")
        line = node.keyPosition.line
        let statesNothing =
            orders == nil && largeFolioWrites == nil && passthroughBacking == nil && alignsMappings == nil
            && writes == nil && intermediateOrders == nil
        if statesNothing {
            throw ManifestError(
                "the row states nothing", in: file, at: section.position,
                suggestion: "give orders, large_folio_writes, passthrough_backing, aligns_mappings, writes or "
                    + "intermediate_orders")
        }
    }
}
