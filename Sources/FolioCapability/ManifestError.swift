/// What is wrong with a manifest or with a place where manifests are looked for, and where.
package struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The manifest, or the directory, as it was named.
    package let file: String
    /// The line, from 1; 0 where it is about the file as a whole.
    package let line: Int
    /// The column in characters (Unicode scalars), from 1; 0 where it is about the file as a whole.
    package let column: Int
    /// What is wrong and what would be right, without a full stop.
    package let message: String

    /// An error at a place of a manifest.
    package init(file: String, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    init(_ message: String, in file: String, at position: SourcePosition? = nil) {
        self.init(file: file, line: position?.line ?? 0, column: position?.column ?? 0, message: message)
    }

    /// `file:line:column: message`, or `file: message` where it is about the file as a whole.
    package var description: String {
        line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}
