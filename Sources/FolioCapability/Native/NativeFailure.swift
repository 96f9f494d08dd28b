/// Why a native plugin gave no answer.
package struct NativeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The cause, in words: `crashed: SIGSEGV`.
    package let description: String
    /// Whether it will be so at every start: a library that cannot be loaded, or is for another version.
    package let isLasting: Bool

    init(_ description: String, isLasting: Bool = false) {
        self.description = description
        self.isLasting = isLasting
    }
}
