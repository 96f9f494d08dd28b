/// How a row of a manifest is known.
package enum Confidence: String, Hashable, Sendable, CaseIterable {
    /// Seen on a running kernel of the range.
    case measured
    /// Read in that kernel's source.
    case read
    /// Stated on a mailing list or in a changelog.
    case listed
    /// Taken to be so.
    case assumed
}
