/// What a promotion tells: how far it is, what came of it, or why it failed.
package struct PromotionEvent: Codable, Sendable {
    /// Bytes done, of the file's size.
    package var done: Int?
    /// The file's size in bytes, with `done`.
    package var total: Int?
    /// What came of it; the last event.
    package var result: PromotionResult?
    /// Why it failed, in one line; the last event.
    package var error: String?

    init(done: Int? = nil, total: Int? = nil, result: PromotionResult? = nil, error: String? = nil) {
        self.done = done
        self.total = total
        self.result = result
        self.error = error
    }
}
