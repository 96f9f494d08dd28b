/// What the command line asks of a mount, one JSON document on one line.
package struct ControlMessage: Codable, Sendable {
    /// What is to be done.
    package enum Command: String, Codable, Sendable {
        /// One `StatusDocument`.
        case status
        /// `PromotionEvent`s, until one has a result or an error.
        case promote
        /// No answer: the connection ends when the server does.
        case end
    }

    /// What is to be done.
    package var command: Command
    /// The bytes of a path below the mountpoint, for `promote`.
    package var path: [UInt8]?
    /// Whether the caller of `promote` waits for what comes of it; false: it goes on by itself.
    package var waits: Bool?

    /// A message from its parts.
    package init(_ command: Command, path: [UInt8]? = nil, waits: Bool? = nil) {
        self.command = command
        self.path = path
        self.waits = waits
    }
}
