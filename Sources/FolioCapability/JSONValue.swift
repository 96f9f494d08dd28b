/// A JSON value with the line it stands on.
struct JSONValue: Sendable {
    /// What a value can be.
    enum Content: Sendable {
        case null
        case boolean(Bool)
        /// A whole number that fits; nil in it: a number that is none or does not.
        case number(Int?)
        case string(String)
        case array([JSONValue])
        /// The members in the order of the text; no name comes twice.
        case object([(name: String, line: Int, value: JSONValue)])
    }

    let content: Content
    /// From 1 at the beginning of the text.
    let line: Int

    /// The kind as a person calls it.
    var kind: String {
        switch content {
        case .null: "null"
        case .boolean: "true or false"
        case .number(nil): "a number that is not whole or too large"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
