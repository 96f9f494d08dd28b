/// What is wrong with a query document, and where.
package struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// The key by its path: `mapping.address`; nil: it is about the document as a whole.
    package let key: String?
    /// What is wrong, without a full stop.
    package let message: String

    /// An error from its parts.
    package init(line: Int, key: String?, message: String) {
        self.line = line
        self.key = key
        self.message = message
    }

    /// `line 3: mapping.address: is a number, and must be …`, always one line.
    package var description: String {
        let place = "line \(line): " + (key.map { "\($0): " } ?? "")
        return (place + message).map { $0.isNewline ? " " : String($0) }.joined()
    }
}
