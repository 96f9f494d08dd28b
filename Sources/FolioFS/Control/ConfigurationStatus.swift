/// The configuration of a mount in `status --json`. Both keys are always there, null where there is nothing to say.
package struct ConfigurationStatus: Codable, Sendable {
    /// The file; nil: there is none.
    package var file: String?
    /// Why the file was refused when it was read the last time, and what was in force before stays; nil: it was not.
    package var refused: String?

    /// Writes every key.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(file, forKey: .file)
        try container.encode(refused, forKey: .refused)
    }
}
