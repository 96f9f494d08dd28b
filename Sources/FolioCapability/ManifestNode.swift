/// A value of a TOML file with its place in the text.
package struct ManifestNode: Sendable {
    /// What a value can be.
    package enum Value: Sendable {
        case string(String)
        case integer(Int)
        case boolean(Bool)
        case array([ManifestNode])
        case table([String: ManifestNode])
        /// What no key of a manifest takes: a float, a date, a time.
        case other

        /// The kind as a person calls it.
        package var kind: String {
            switch self {
            case .string: "a string"
            case .integer: "a whole number"
            case .boolean: "true or false"
            case .array: "a list"
            case .table: "a table"
            case .other: "a number with a fraction, a date or a time"
            }
        }
    }

    package let value: Value
    /// Where the value begins.
    package let position: SourcePosition
    /// Where its key is; for an element of a list where the element begins.
    package let keyPosition: SourcePosition
}
