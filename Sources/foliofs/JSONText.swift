import Foundation

/// JSON as foliofs prints it: keys sorted, slashes plain, so that equal answers are equal texts.
enum JSONText {
    /// A document over several lines, for a file or a person.
    static func pretty(_ document: some Encodable) throws -> String {
        try text(document, [.prettyPrinted])
    }

    /// A document on one line, for JSON Lines.
    static func line(_ document: some Encodable) throws -> String {
        try text(document, [])
    }

    /// A document that is a text already, over several lines.
    static func pretty(json: String) throws -> String {
        let document = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try JSONSerialization.data(withJSONObject: document, options: options), as: UTF8.self)
    }

    private static func text(
        _ document: some Encodable, _ formatting: JSONEncoder.OutputFormatting
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }
}
