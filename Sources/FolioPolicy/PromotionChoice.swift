/// How huge folios can be brought about in a file's own page cache, whoever maps it and by whatever way.
public struct PromotionChoice: Hashable, Sendable {
    /// What does it; `.none` where nothing can.
    public var promotion: Promotion
    /// The reason in one sentence for a person.
    public var reason: String

    /// A choice from its parts.
    public init(promotion: Promotion, reason: String) {
        self.promotion = promotion
        self.reason = reason
    }
}

/// How the file of a query comes to have huge folios where it lies, with no mount of FolioFS in between: what the query says of
/// passthrough and routes does not count.
public func promotion(_ query: RouteQuery) -> PromotionChoice {
    var here = query
    here.passthroughGranted = true
    here.capability.passthroughBacking = nil
    let choice = RouteChoice(query: here)
    let filesystem = query.capability.filesystem
    func refused(_ reason: String) -> PromotionChoice { PromotionChoice(promotion: .none, reason: reason) }
    if query.file.regular == false { return refused("it is not a regular file") }
    if let size = query.file.size, size < query.kernel.geometry.pmdSize {
        return refused("\(size) bytes, less than the \(query.kernel.geometry.pmdSize) that one PMD maps")
    }
    let can = choice.nativePromotions
    if let asked = query.choice.promotion, asked != .none, !can.contains(asked) {
        return refused("promotion by \(asked.rawValue) is not possible on \(filesystem) here")
    }
    switch query.choice.promotion ?? can.first {
    case .collapse?:
        return PromotionChoice(promotion: .collapse, reason: "MADV_COLLAPSE works on \(filesystem) here")
    case .refault?:
        return PromotionChoice(
            promotion: .refault, reason: "\(filesystem) holds PMD folios, brought by a fault under MADV_HUGEPAGE")
    case Promotion.none?: return refused("nothing is to be promoted")
    case nil:
        let obstacle = choice.nativeAttempt.obstacle ?? "this kernel brings none about there"
        return refused("\(obstacle); a mount of foliofs can stage it")
    }
}
