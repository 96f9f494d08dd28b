/// What came of reading a configuration again, keys as `foliofs reload --json` prints them; all are always there, null where
/// there is nothing to say.
package struct ReloadResult: Codable, Sendable {
    /// Where it is mounted.
    package var mountpoint: String
    /// The configuration file in force; nil: there is none.
    package var configuration: String?
    /// How many rules are in force, with those that are built in.
    package var rules: Int
    /// Settings that the file has changed and that wait for the next mount.
    package var atNextMount: [String]
    /// Why the configuration was refused, and the one before stays; nil: it is in force.
    package var error: String?

    /// Writes every key.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mountpoint, forKey: .mountpoint)
        try container.encode(configuration, forKey: .configuration)
        try container.encode(rules, forKey: .rules)
        try container.encode(atNextMount, forKey: .atNextMount)
        try container.encode(error, forKey: .error)
    }
}
