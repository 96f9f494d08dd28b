/// When a file's huge folios are brought about.
public enum PromotionTime: String, Hashable, Codable, Sendable, CaseIterable {
    /// When it is opened, and whenever somebody asks.
    case open
    /// When somebody asks: `foliofs promote`, a prestage pattern.
    case asked
    /// Never, whoever asks.
    case never
}
