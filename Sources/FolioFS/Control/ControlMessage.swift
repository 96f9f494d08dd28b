import Foundation

/// What the command line asks of a mount, one JSON document on one line.
package struct ControlMessage: Codable, Sendable {
    /// What is to be done.
    package enum Command: String, Codable, Sendable {
        /// One `StatusDocument`.
        case status
        /// `PromotionEvent`s, until one has a result or an error.
        case promote
        /// One `RouteAnswer`: how the mount serves a file, by its own rules.
        case route
        /// One `ReloadResult`.
        case reload
        /// One `RestartAnswer`; then this server ends and another takes over.
        case restart
        /// No answer: the connection ends when the server does.
        case end
    }

    /// What is to be done.
    package var command: Command
    /// The bytes of a path below the mountpoint, for `promote` and `route`.
    package var path: [UInt8]?
    /// Whether the caller of `promote` waits for what comes of it; false: it goes on by itself.
    package var waits: Bool?
    /// Whether an execve(2) opens it, for `route`.
    package var exec: Bool?
    /// Which form of what is handed on the caller's own image of the program understands, for `restart`.
    package var form: String?

    /// A message from its parts.
    package init(
        _ command: Command, path: [UInt8]? = nil, waits: Bool? = nil, exec: Bool? = nil, form: String? = nil
    ) {
        self.form = form
        self.command = command
        self.path = path
        self.waits = waits
        self.exec = exec
    }

    /// Brackets and braces that open in a line: a message has an object and a list, and room for what later versions may add.
    private static let mostOpenings = 64

    /// A message from a line; nil: it is none.
    ///
    /// WORKAROUND(swift-6.3): what opens 513 lists or objects ends the program in JSONDecoder, where it looks for the place of the
    /// mistake (measured 6.3.1); goes when it throws.
    package static func parse(_ line: [UInt8]) -> ControlMessage? {
        guard line.count(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }) <= mostOpenings else {
            return nil
        }
        return try? JSONDecoder().decode(ControlMessage.self, from: Data(line))
    }
}
