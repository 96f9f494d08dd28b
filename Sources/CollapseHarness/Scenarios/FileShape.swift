/// The size of a scenario's file and where it has bytes.
package enum FileShape: String, ScenarioValue {
    /// Two PMD chunks, all written.
    case whole
    /// Two chunks and a half.
    case odd
    /// One chunk and a half, mapped as long as `whole`.
    case pastEnd = "past-end"
    /// Two chunks but for 100 bytes.
    case raggedEnd = "ragged-end"
    /// Half a chunk.
    case short
    /// Two chunks of which every other 64 KiB is a hole.
    case sparse

    /// Bytes in the file, for chunks of `pmdSize`.
    package func size(pmdSize: Int) -> Int {
        switch self {
        case .whole, .sparse: 2 * pmdSize
        case .odd: 5 * pmdSize / 2
        case .pastEnd: 3 * pmdSize / 2
        case .raggedEnd: 2 * pmdSize - 100
        case .short: pmdSize / 2
        }
    }

    /// The end of what is mapped of it, in bytes.
    package func mappedEnd(pmdSize: Int) -> Int {
        self == .pastEnd || self == .raggedEnd ? 2 * pmdSize : size(pmdSize: pmdSize)
    }

    /// Where it has bytes.
    package var layout: Content.Layout { self == .sparse ? .sparse : .full }
}
