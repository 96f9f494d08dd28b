/// Why chunks are left as they are; the names are keys of `promote --json`.
package enum PromotionRefusal: String, Codable, CodingKeyRepresentable, Hashable, Sendable, CaseIterable {
    /// Somebody has their small folios mapped, which therefore cannot be dropped.
    case mapped
    /// They are written to all the time: what is dirty cannot be dropped or collapsed.
    case dirty
    /// Reading them in would take more of the memory than promotion may.
    case memory
    /// The kernel refused again and again.
    case busy
}
