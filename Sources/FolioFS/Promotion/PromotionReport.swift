/// What a promotion's process says, one JSON document a line.
struct PromotionReport: Codable, Sendable {
    /// Bytes done, of the file's size.
    var done: Int?
    /// What came of it; the last report.
    var outcome: PromotionOutcome?
    /// Why it failed, an errno; the last report.
    var failure: Int32?
}
