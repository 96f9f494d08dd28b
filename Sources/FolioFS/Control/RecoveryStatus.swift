/// Whether a mount goes on when its server ends.
package struct RecoveryStatus: Codable, Sendable {
    /// Whether another server then takes over.
    package var supervised: Bool
    /// Servers so far, this one included.
    package var daemons: Int
}
